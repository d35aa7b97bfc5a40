#include "matcher/reread.hpp"

#include <algorithm>
#include <utility>

namespace aftercall::matcher {

bool wants_types_anew(const Session& session, const Capabilities& can, Instant now) {
  if (!can.activities || session.conversation_type.empty()) return false;
  const bool known = std::any_of(can.activity_types.begin(), can.activity_types.end(),
                                 [&](const auto& type) { return type.name == session.conversation_type; });
  return !known || now - can.read_at >= Reread::fresh_for;
}

const Capabilities& Reread::newest(const Sight& sight, const Capabilities& own) const {
  const auto found = entries_.find(sight);
  return found == entries_.end() || found->second.read.read_at <= own.read_at ? own : found->second.read;
}

bool Reread::begin(const Sight& sight, const Capabilities& own, Instant wall, Time now) {
  if (wall - own.read_at < at_most_every) return false;
  const auto [entry, first] = entries_.try_emplace(sight);
  if (!first && now - entry->second.tried < entry->second.every) return false;
  entry->second.tried = now;
  return true;
}

void Reread::keep(const Sight& sight, const Capabilities& own, std::vector<ActivityType> read, Instant wall) {
  Capabilities now = newest(sight, own);
  auto& entry = entries_[sight];
  const bool same = now.activity_types == read;
  entry.every = same ? std::min(2 * entry.every, at_least_every) : at_most_every;
  now.activity_types = std::move(read);
  now.read_at = wall;
  entry.read = std::move(now);
}

}  // namespace aftercall::matcher
