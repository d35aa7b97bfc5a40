#include "stage/recovery.hpp"

namespace aftercall::stage {
namespace {

std::string given_up(const std::string& detail, int tries) {
  return detail + " (given up after " + std::to_string(tries) + " tries; release it once the cause is gone)";
}

Settle without_the_rest(Settled end, int tries) {
  for (auto& each : end.artifacts) {
    if (each.state != ArtifactState::State::Waiting && each.state != ArtifactState::State::Blocked) continue;
    each.state = ArtifactState::State::Failed;
    each.reason += " (given up after " + std::to_string(tries) + " tries)";
  }
  return {std::move(end)};
}

Recovery unless_expired(const Rules& rules, Deferral deferral, const History& history, Instant now) {
  const bool waited_before = history.first_deferred != Instant{};
  if (deferral.kind == Kind::Permanent || !waited_before ||
      now - history.first_deferred < rules.expires_after)
    return deferral;
  Settle end = settle("expired", "waited since " + rfc3339(history.first_deferred) +
                                     "; last for: " + std::string(name_of(deferral.failure.cause)) + ", " +
                                     deferral.failure.detail);
  end.settled.artifacts = std::move(deferral.artifacts);
  end.settled.connection = std::move(deferral.connection);
  return end;
}

// The unit's own rests make its lane rest longer when the CRM does not say for how long.
Progress progress_of(const Rules& rules, const Failed& failed, const History& history) {
  const bool resting = failed.failure.cause == Cause::RateLimited || failed.failure.cause == Cause::NoLease;
  return {.attempt = resting ? history.rests + 1 : history.attempt - history.rests,
          .elapsed = failed.here ? history.elapsed : rules.retry.in_place,
          .tries = history.tries + 1};
}

}  // namespace

Recovery recover(const Rules& rules, Failed failed, const History& history, Instant now, double jitter) {
  const auto verdict = decide(rules.retry, failed.failure, progress_of(rules, failed, history), jitter);
  if (const auto* retry = std::get_if<RetryAfter>(&verdict)) return *retry;
  if (const auto* rest = std::get_if<RestLane>(&verdict)) return *rest;
  const auto& defer = std::get<Defer>(verdict);
  const bool last_try = defer.kind == Kind::Permanent && kind_of(failed.failure.cause) == Kind::Transient;
  if (last_try && failed.if_given_up)
    return without_the_rest(std::move(*failed.if_given_up), history.tries + 1);
  Deferral deferral{.kind = defer.kind,
                    .failure = std::move(failed.failure),
                    .not_before = std::nullopt,
                    .tries = history.tries + (defer.counts ? 1 : 0),
                    .artifacts = std::move(failed.artifacts),
                    .connection = std::move(failed.connection)};
  if (defer.delay) deferral.not_before = now + *defer.delay;
  if (last_try) deferral.failure.detail = given_up(deferral.failure.detail, deferral.tries);
  return unless_expired(rules, std::move(deferral), history, now);
}

Recovery paced(const Rules& rules, Failed held, const History& history, Instant due, Instant now) {
  Deferral deferral{.kind = Kind::Transient,
                    .failure = {Cause::Paced, std::move(held.failure.detail)},
                    .not_before = due,
                    .tries = history.tries,
                    .artifacts = std::move(held.artifacts),
                    .connection = std::move(held.connection)};
  return unless_expired(rules, std::move(deferral), history, now);
}

}  // namespace aftercall::stage
