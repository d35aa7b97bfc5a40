#include <algorithm>

#include "stage/runner.hpp"
#include "telemetry/log.hpp"
#include "telemetry/trace.hpp"

namespace aftercall::stage {
namespace {

using namespace std::chrono_literals;

// As long as a transient failure is tried again in place.
constexpr auto lease_comes_within = 30s;
constexpr std::chrono::milliseconds rest_of_leaseless = 60s;
constexpr auto leaseless_for = 1h;  // who is still without one then may wait here for a while again

// Did the CRM say anything at all? Its lane's slots depend on it.
Lanes::Answer answer_of(const Outcome& outcome) {
  const auto* const failed = std::get_if<Failed>(&outcome);
  if (failed == nullptr) return Lanes::Answer::Came;
  switch (failed->failure.cause) {
    case Cause::Unreachable:
    case Cause::Timeout:
    case Cause::ServerError:
    case Cause::Unanswered:
      return Lanes::Answer::Missing;
    default:
      return Lanes::Answer::Came;
  }
}

bool is_leaseless(const Outcome& outcome) {
  const auto* const failed = std::get_if<Failed>(&outcome);
  return failed != nullptr && failed->failure.cause == Cause::NoLease;
}

}  // namespace

void Runner::dispatch() {
  if (!alone_.empty() || waits_for_suspects()) {
    if (at_work_ > 0 || alone_.empty()) return;
    const VisitPtr visit = alone_.front();
    alone_.pop_front();
    start(visit);
    return;
  }
  while (!one_alone_ && at_work_ < settings_.bounds.slots) {
    const auto ticket = lanes_.next(clock_.now());
    if (!ticket) return;
    start(visits_.at(*ticket));
  }
}

bool Runner::waits_for_suspects() {
  if (suspects_until_ && clock_.now() >= *suspects_until_) suspects_until_.reset();
  return suspects_until_ && std::any_of(partitions_.begin(), partitions_.end(),
                                        [](const auto& each) { return !each.second->suspects.empty(); });
}

void Runner::start(const VisitPtr& visit) {
  visit->started = clock_.now();
  if (++visit->attempt == 1) visit->first_started = visit->started;
  visit->busy = true;
  one_alone_ = visit->alone;
  ++visit->partition->in_hand;
  ++at_work_;
  guard_->take(visit->handle(), visit->alone);
  spawn(work(visit));
}

Spent Runner::spent_on(const Visit& visit) { return visit.event->envelope.spent + visit.spent; }

Context Runner::context(const Visit& visit) const {
  Context context;
  context.envelope = visit.event->envelope;
  context.at = visit.event->record.at;
  context.epoch = visit.partition->epoch;
  context.attempt = visit.attempt;
  context.now = clock_.wall();
  context.deadline = visit.started + settings_.step_within;
  context.ours = visit.partition->ours;
  context.effects = !settings_.dry_run;
  context.spent = spent_on(visit);
  return context;
}

asio::awaitable<void> Runner::work(VisitPtr visit) {
  const auto self = shared_from_this();
  std::optional<Outcome> outcome;
  std::exception_ptr thrown;
  try {
    Unit unit = visit->unit;
    Context told = context(*visit);
    Outcome answered = co_await steps_.step(std::move(unit), std::move(told));
    outcome = std::move(answered);
  } catch (...) {
    thrown = std::current_exception();
  }
  --at_work_;
  one_alone_ = false;
  if (thrown) {  // it stays noted in hand
    visit->busy = false;
    --visit->partition->in_hand;
    std::rethrow_exception(thrown);
  }
  guard_->done(visit->handle());
  visit->took = clock_.now() - visit->started;
  lanes_.ended(visit->ticket, answer_of(*outcome));
  if (!is_leaseless(*outcome)) leaseless_.erase(visit->lane);
  if (!is_ours(*visit)) {
    let_go(visit);
    co_return;
  }
  auto end = conclude(visit, std::move(*outcome));
  if (!end) {
    visit->busy = false;
    --visit->partition->in_hand;
    ring();
    co_return;
  }
  Departure last = std::move(*end);
  ring();
  co_await deliver(visit, std::move(last));
}

std::optional<Departure> Runner::conclude(const VisitPtr& visit, Outcome outcome) {
  if (auto* const emit = std::get_if<Emit>(&outcome)) {
    Departure end;
    end.outcome = "emitted";
    end.spent = emit->spent;
    end.draft = emitted(maker(*visit), *visit->event, visit->unit.account, std::move(*emit));
    return end;
  }
  if (auto* const settle = std::get_if<Settle>(&outcome)) {
    const Spent spent = settle->settled.spent;
    return departure(*visit, std::move(*settle), spent);
  }
  return conclude_failure(visit, std::move(std::get<Failed>(outcome)));
}

std::optional<Departure> Runner::conclude_failure(const VisitPtr& visit, Failed failed) {
  const Spent spent = failed.spent;
  visit->spent += spent;
  failed = with_stands(*visit, std::move(failed));
  auto recovery = recover(rules(), failed, history(*visit), now(), clock_.jitter());
  if (const auto* const retry = std::get_if<RetryAfter>(&recovery)) {
    again(visit, clock_.now() + retry->delay);
    return std::nullopt;
  }
  if (const auto* const rest = std::get_if<RestLane>(&recovery))
    return conclude_rest(visit, rest->delay, std::move(failed));
  if (auto* const end = std::get_if<Settle>(&recovery)) end->settled.spent += spent_on(*visit);
  return departure(*visit, std::move(recovery), spent);
}

// What was written before is told with every deferral: nobody else knows it while the unit waits.
Failed Runner::with_stands(const Visit& visit, Failed failed) const {
  if (!failed.artifacts.empty() || !steps_.stands) return failed;
  auto stands = steps_.stands(visit.unit, visit.event->record.at);
  failed.artifacts = std::move(stands.artifacts);
  if (failed.connection.empty()) failed.connection = std::move(stands.connection);
  return failed;
}

// Control gives a lease soon, or to nobody: then the stage is halted, and nothing is deferred. While others
// have theirs, an account without one waits here for a while, and then elsewhere.
std::chrono::milliseconds Runner::rest_without_lease(const std::string& lane,
                                                     std::chrono::milliseconds delay) {
  const auto [entry, is_new] = leaseless_.try_emplace(lane, clock_.now());
  const auto since = entry->second;
  if (is_new)  // many may have gone for good meanwhile, and nothing of theirs comes any more
    std::erase_if(leaseless_, [&](const auto& each) { return clock_.now() - each.second > leaseless_for; });
  if (clock_.now() - since < lease_comes_within) return std::min(delay, settings_.bounds.lane.patience);
  return std::max(delay, rest_of_leaseless);
}

// A rest is the whole lane's. A short one waits here; a longer one elsewhere, with all that waits in the
// lane.
std::optional<Departure> Runner::conclude_rest(const VisitPtr& visit, std::chrono::milliseconds delay,
                                               Failed failed) {
  const auto patience = settings_.bounds.lane.patience;
  if (failed.failure.cause == Cause::NoLease) delay = rest_without_lease(visit->lane, delay);
  const Moment until = clock_.now() + delay;
  lanes_.rest(visit->lane, until);
  ++visit->rests;
  if (delay <= patience || halted_) {
    again(visit, until);
    return std::nullopt;
  }
  log::info("stage.lane_rests", {{"stage", settings_.name},
                                 {"tenant", visit->event->envelope.tenant},
                                 {"account", visit->unit.account},
                                 {"cause", failed.failure.cause},
                                 {"for", delay}});
  spill(visit->lane);
  return departure(*visit, paced(rules(), std::move(failed), history(*visit), now() + delay, now()), {});
}

void Runner::again(const VisitPtr& visit, Moment at) {
  if (!std::exchange(visit->alone, false)) return lanes_.again(visit->ticket, at);
  lanes_.push({visit->ticket, visit->lane, visit->order, visit->bytes},
              clock_.now());  // it took nothing down
}

// Units whose step never ran.
void Runner::conclude_unrun(const VisitPtr& visit, Failure failure) {
  Failed failed;
  failed.failure = std::move(failure);
  failed.here = false;
  failed = with_stands(*visit, std::move(failed));
  deliver_soon(
      visit,
      departure(*visit, recover(rules(), std::move(failed), history(*visit), now(), clock_.jitter()), {}));
}

Departure Runner::departure(const Visit& visit, Recovery recovery, Spent spent) const {
  Departure end;
  end.spent = spent;
  if (auto* const settle = std::get_if<Settle>(&recovery)) {
    end.outcome = settle->settled.reason;
    end.reason = settle->settled.detail;
    end.draft = settled(maker(visit), *visit.event, visit.unit, std::move(*settle));
    return end;
  }
  Deferral deferral;
  if (auto* const given = std::get_if<Deferral>(&recovery)) {
    deferral = std::move(*given);
  } else {  // nobody may wait in memory here
    const auto* const rest = std::get_if<RestLane>(&recovery);
    const auto delay = rest != nullptr ? rest->delay : std::get<RetryAfter>(recovery).delay;
    deferral.kind = Kind::Transient;
    deferral.failure = {Cause::Paced, "tried again later"};
    deferral.not_before = now() + delay;
    deferral.tries = visit.event->envelope.tries;
  }
  end.outcome = name_of(deferral.kind);
  end.reason = deferral.failure.detail;
  end.cause = deferral.failure.cause;
  end.deferred = deferral.kind;
  deferral.spent = spent_on(visit);
  end.draft = deferred(maker(visit), *visit.event, visit.unit.account, deferral);
  return end;
}

Maker Runner::maker(const Visit& visit) const {
  return {settings_.name, settings_.topics, now(),
          telemetry::next_traceparent(visit.event->envelope.traceparent)};
}

History Runner::history(const Visit& visit) const {
  History history;
  history.attempt = std::max(visit.attempt, 1);
  history.rests = visit.rests;
  if (visit.attempt > 0)
    history.elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - visit.first_started);
  history.tries = visit.event->envelope.tries;
  history.first_deferred = visit.event->envelope.first_deferred;
  return history;
}

}  // namespace aftercall::stage
