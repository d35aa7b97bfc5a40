#pragma once
#include <chrono>
#include <optional>
#include <variant>
#include <vector>

#include "domain/instant.hpp"
#include "policy/retry.hpp"
#include "stage/outcome.hpp"

namespace aftercall::stage {

// A unit that waits in event.deferred. Transient = waiting, Permanent = dead.
struct Deferral {
  Kind kind = Kind::Permanent;
  Failure failure;
  std::optional<Instant> not_before{};  // due by itself
  int tries = 0;                        // real ones so far, this delivery's included if it counts
  std::vector<ArtifactState> artifacts{};
  ConnectionId connection{};
  Spent spent{};  // by this stage so far, earlier copies included
};

// How long the unit has been at it.
struct History {
  int attempt = 1;                       // in place
  int rests = 0;                         // of these attempts, those that ended in a rest of the lane
  std::chrono::milliseconds elapsed{0};  // since the first attempt began
  int tries = 0;                         // before this delivery
  Instant first_deferred{};              // zero = never
};

struct Rules {
  RetryPolicy retry{};
  std::chrono::hours expires_after{30 * 24};
};

// What becomes of a failed unit: again here, again when its lane has rested, event.deferred, or an end that
// says so: after a month of waiting, or after the last try when what matters is done.
using Recovery = std::variant<RetryAfter, RestLane, Deferral, Settle>;
Recovery recover(const Rules& rules, Failed failed, const History& history, Instant now, double jitter);

// Not a failure of the unit's own: its lane rests or is full. No try, and never leads to dead.
Recovery paced(const Rules& rules, Failed held, const History& history, Instant due, Instant now);

}  // namespace aftercall::stage
