#pragma once
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "domain/secret.hpp"

namespace aftercall::tenancy {

// An access token as long as it may be used.
struct HeldLease {
  using Time = std::chrono::steady_clock::time_point;
  std::string id;
  Secret token;
  Time renew_at;
  Time ends;
};

// Renewed at four fifths of its life, so that control may be away for the last fifth and nobody notices;
// given up a little before its end, so that it does not run out on its way to the CRM.
inline HeldLease held_from(std::string id, Secret token, HeldLease::Time asked,
                           std::chrono::milliseconds valid_for) {
  const std::chrono::milliseconds spare = std::min(valid_for / 20, std::chrono::milliseconds(10'000));
  return {std::move(id), std::move(token), asked + valid_for * 4 / 5, asked + valid_for - spare};
}

enum class Use { AsItIs, WhileRenewing, NotAtAll };

inline Use use_of(const std::optional<HeldLease>& lease, HeldLease::Time now) {
  if (!lease || now >= lease->ends) return Use::NotAtAll;
  return now >= lease->renew_at ? Use::WhileRenewing : Use::AsItIs;
}

}  // namespace aftercall::tenancy
