#pragma once
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "domain/id.hpp"
#include "domain/instant.hpp"

namespace aftercall::control {

// When to use a refresh token that nobody uses: it lives for so long after its last use (Pipedrive's 60 days,
// Microsoft's 90), and the connection of a tenant without sessions would die unnoticed. Weekly, so that some
// weeks of outage are survived; not all in one moment, neither week by week nor after a start.
class IdleTimes {
 public:
  using Name = std::pair<TenantId, ConnectionId>;
  static constexpr std::chrono::hours week{7 * 24};
  static constexpr std::chrono::hours earlier{24};  // than a week, at most
  static constexpr std::chrono::hours again{1};     // after a try that came to nothing; at most twice that

  // Whose turn it is; each is used now. `last_uses` names all that there are, `chance` answers a number in
  // [0, 1).
  std::vector<Name> take(const std::map<Name, Instant>& last_uses, Instant now,
                         const std::function<double()>& chance) {
    std::erase_if(turns_, [&](const auto& each) { return !last_uses.contains(each.first); });
    std::vector<Name> due;
    for (const auto& [name, used] : last_uses) {
      const auto [at, first_seen] = turns_.try_emplace(name);
      Turn& turn = at->second;
      if (first_seen || turn.used != used) turn = {used, used + week - some(earlier, chance)};
      if (first_seen) turn.due = std::max(turn.due, now + some(again, chance));
      if (now < turn.due) continue;
      turn.due = now + again + some(again, chance);
      due.push_back(name);
    }
    return due;
  }

 private:
  struct Turn {
    Instant used{};
    Instant due{};
  };
  static std::chrono::milliseconds some(std::chrono::milliseconds of, const std::function<double()>& chance) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(of.count()) * chance()));
  }
  std::map<Name, Turn> turns_;
};

}  // namespace aftercall::control
