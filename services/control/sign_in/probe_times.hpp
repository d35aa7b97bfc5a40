#pragma once
#include <chrono>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "domain/id.hpp"

namespace aftercall::control {

// An account is empty when an event as a whole is blocked: any connection of its tenant may end that.
using Blocked = std::pair<TenantId, CrmAccount>;

// When to look at an account for which something is blocked. At once when that begins, so that a right that
// is lost is on record before it is found again: only the change releases, never the state. Then every so
// often.
class ProbeTimes {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit ProbeTimes(std::chrono::milliseconds every) : every_(every) {}

  // Whose turn it is; they are looked at now. Who is blocked no more is forgotten.
  std::vector<Blocked> take(const std::set<Blocked>& blocked, Time now) {
    std::erase_if(next_, [&](const auto& each) { return !blocked.contains(each.first); });
    std::vector<Blocked> due;
    for (const auto& each : blocked) {
      Time& next = next_.try_emplace(each, now).first->second;
      if (now < next) continue;
      next = now + every_;
      due.push_back(each);
    }
    return due;
  }

 private:
  std::chrono::milliseconds every_;
  std::map<Blocked, Time> next_;
};

}  // namespace aftercall::control
