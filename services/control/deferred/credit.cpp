#include "control/deferred/credit.hpp"

#include <algorithm>

namespace aftercall::control {

bool Credit::left(const std::string& turn, Instant now) const {
  const auto rest = rests_.find(turn);
  if (rest != rests_.end() && rest->second > now) return false;
  const auto count = counts_.find(turn);
  return count == counts_.end() || count->second < limits_.units;
}

void Credit::take(const Deferral& deferral, Instant now) {
  const auto turn = deferral.turn();
  lent_[deferral.session].push_back({turn, deferral.unit, deferral.attempt + 1, now});
  ++counts_[turn];
}

void Credit::give_back(const Deferral& deferral) {
  ended({deferral.session, deferral.unit, deferral.attempt + 1});
}

void Credit::returned(const Lent& lent) {
  const auto count = counts_.find(lent.turn);
  if (--count->second == 0) counts_.erase(count);
}

std::optional<Credit::Lent> Credit::ended(const End& end) {
  const auto session = lent_.find(end.session);
  if (session == lent_.end()) return std::nullopt;
  auto& units = session->second;
  // An event that was released as a whole has many units: the first to end speaks for it.
  const auto found = std::find_if(units.begin(), units.end(), [&](const Lent& lent) {
    const bool same = lent.unit.empty() || end.unit.empty() || lent.unit == end.unit;
    return same && lent.attempt <= end.attempt;
  });
  if (found == units.end()) return std::nullopt;
  Lent lent = std::move(*found);
  units.erase(found);
  if (units.empty()) lent_.erase(session);
  returned(lent);
  return lent;
}

void Credit::expire(Instant now) {
  for (auto session = lent_.begin(); session != lent_.end();) {
    std::erase_if(session->second, [&](const Lent& lent) {
      const bool late = lent.at + limits_.patience <= now;
      if (late) returned(lent);
      return late;
    });
    session = session->second.empty() ? lent_.erase(session) : std::next(session);
  }
  std::erase_if(rests_, [&](const auto& rest) { return rest.second <= now; });
}

void Credit::rest(const std::string& turn, Instant until) {
  auto& rests = rests_[turn];
  rests = std::max(rests, until);
}

}  // namespace aftercall::control
