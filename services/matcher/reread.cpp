#include "matcher/reread.hpp"

#include <algorithm>
#include <utility>

namespace aftercall::matcher {

bool misses_activity_type(const Session& session, const Capabilities& can) {
  if (!can.activities || session.conversation_type.empty()) return false;
  return std::none_of(can.activity_types.begin(), can.activity_types.end(),
                      [&](const ActivityType& type) { return type.name == session.conversation_type; });
}

const Capabilities& Reread::newest(const Sight& sight, const Capabilities& own) const {
  const auto found = entries_.find(sight);
  return found == entries_.end() || found->second.read.read_at <= own.read_at ? own : found->second.read;
}

bool Reread::begin(const Sight& sight, const Capabilities& own, Instant wall, Time now) {
  if (wall - own.read_at < at_most_every) return false;
  const auto [entry, first] = entries_.try_emplace(sight);
  if (!first && now - entry->second.tried < at_most_every) return false;
  entry->second.tried = now;
  return true;
}

void Reread::keep(const Sight& sight, Capabilities read) { entries_[sight].read = std::move(read); }

}  // namespace aftercall::matcher
