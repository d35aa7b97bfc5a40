#include "policy/retry.hpp"

#include <algorithm>
#include <chrono>

namespace aftercall {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// After a create whose answer was lost, the record may still be on its way into the CRM's indexes.
constexpr milliseconds first_look = 30s;
// An event of a tenant that nobody has told us about yet: its configuration is on its way, or never comes.
constexpr milliseconds tenant_look = 60s;
// A CRM may ask us to wait until its daily budget is back, but not until next year.
constexpr milliseconds longest_wait = 24h;

milliseconds scaled(milliseconds delay, double factor) {
  return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(delay.count()) * factor));
}

milliseconds doubled(milliseconds delay, int times, milliseconds limit) {
  for (int i = 0; i < times && delay < limit; ++i) delay *= 2;
  return std::min(delay, limit);
}

// Between half of the delay and the whole: never at once, never later than promised.
milliseconds backoff(const RetryPolicy& policy, int attempt, double jitter) {
  const auto delay = doubled(policy.first_delay, attempt - 1, policy.in_place);
  return scaled(delay, 0.5 + jitter / 2);
}

// What the CRM asked for is a lower bound, and what is due later stays later by a little jitter.
milliseconds at_least_asked(const Failure& failure, milliseconds delay, double jitter) {
  if (!failure.retry_after) return delay;
  const auto asked = std::clamp(*failure.retry_after, milliseconds(0), longest_wait);
  return std::max(delay, asked + std::min(scaled(asked, jitter / 10), milliseconds(5s)));
}

// The waits between tries double, and all of them together are `within`: one part, two, four … of 2^(tries-1)
// - 1.
milliseconds wait_after(const RetryPolicy& policy, int tries, double jitter) {
  double parts = 0;
  double part = 1;
  double mine = 1;
  for (int i = 1; i < policy.tries; ++i, part *= 2) {
    parts += part;
    if (i == tries) mine = part;
  }
  return scaled(policy.within, mine / parts * (0.9 + jitter / 5));
}

Verdict decide_transient(const RetryPolicy& policy, const Failure& failure, const Progress& progress,
                         double jitter) {
  const auto delay = at_least_asked(failure, backoff(policy, progress.attempt, jitter), jitter);
  if (progress.elapsed + delay <= policy.in_place) return RetryAfter{delay};
  if (progress.tries >= policy.tries) return Defer{.kind = Kind::Permanent};
  return Defer{.kind = Kind::Transient,
               .delay = at_least_asked(failure, wait_after(policy, progress.tries, jitter), jitter)};
}

}  // namespace

Verdict decide(const RetryPolicy& policy, const Failure& failure, const Progress& progress, double jitter) {
  const Cause cause = failure.cause;
  if (cause == Cause::RateLimited || cause == Cause::NoLease)
    return RestLane{at_least_asked(
        failure, failure.retry_after ? 0ms : backoff(policy, progress.attempt, jitter), jitter)};
  if (cause == Cause::Paced)
    return Defer{.kind = Kind::Transient,
                 .delay = at_least_asked(failure, policy.first_delay, jitter),
                 .counts = false};
  if (cause == Cause::NoTenant)
    return Defer{.kind = Kind::Transient, .delay = scaled(tenant_look, 1 + jitter / 2), .counts = false};
  switch (kind_of(cause)) {
    case Kind::Transient:
      return decide_transient(policy, failure, progress, jitter);
    case Kind::InDoubt:  // looking is no try; how often it may be sent again is the ledger's to say
      return Defer{.kind = Kind::InDoubt,
                   .delay = at_least_asked(
                       failure, failure.retry_after ? 0ms : scaled(first_look, 1 + jitter / 2), jitter),
                   .counts = false};
    case Kind::Blocked:  // a change ends it, not time
      return Defer{.kind = Kind::Blocked, .delay = std::nullopt, .counts = false};
    case Kind::Permanent:
      break;
  }
  return Defer{.kind = Kind::Permanent};
}

}  // namespace aftercall
