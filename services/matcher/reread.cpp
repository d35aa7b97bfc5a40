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

bool Reread::begin(const Sight& sight, const Capabilities& own, Instant now) {
  if (now - own.read_at < at_most_every) return false;
  auto& tried = entries_[sight].tried;
  if (now >= tried && now - tried < at_most_every) return false;  // earlier than that: the clock was set back
  tried = now;
  return true;
}

void Reread::keep(const Sight& sight, const Capabilities& own, std::vector<ActivityType> read, Instant now) {
  Capabilities can = newest(sight, own);
  can.activity_types = std::move(read);
  can.read_at = now;
  entries_[sight].read = std::move(can);
}

}  // namespace aftercall::matcher
