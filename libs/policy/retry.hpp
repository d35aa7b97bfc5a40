#pragma once
#include <chrono>
#include <optional>
#include <variant>

#include "domain/failure.hpp"

namespace aftercall {

// How long we go on by ourselves: first in place, then across deferrals, then a person decides.
struct RetryPolicy {
  std::chrono::milliseconds first_delay{500};  // doubles with each attempt in place
  std::chrono::milliseconds in_place{30'000};  // no attempt begins later than this after the first one did
  int tries = 8;                               // the first delivery and seven released ones …
  std::chrono::hours within{24};               // … spread over this long, each wait twice the last
};

// How far a unit has come when it fails.
struct Progress {
  int attempt = 1;                       // in place, of this delivery; counted from 1
  std::chrono::milliseconds elapsed{0};  // since this delivery's first attempt began
  int tries = 1;                         // deliveries that were real tries, this one included
};

// The same unit again, here.
struct RetryAfter {
  std::chrono::milliseconds delay{0};
};
// The account's whole lane rests, and the unit stays in it (or spills to event.deferred: the lane's
// decision).
struct RestLane {
  std::chrono::milliseconds delay{0};
};
// Kept in event.deferred. Transient = waiting, Permanent = dead.
struct Defer {
  Kind kind = Kind::Permanent;
  std::optional<std::chrono::milliseconds> delay{};  // until it is due by itself
  bool counts = true;                                // as a try
};
using Verdict = std::variant<RetryAfter, RestLane, Defer>;

// `jitter` in [0, 1) keeps a thousand units that failed together from coming back together.
Verdict decide(const RetryPolicy& policy, const Failure& failure, const Progress& progress, double jitter);

}  // namespace aftercall
