#include <algorithm>

#include "stage/runner.hpp"
#include "telemetry/log.hpp"
#include "telemetry/trace.hpp"

namespace aftercall::stage {
namespace {

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

std::string word_of(Kind kind) {
  switch (kind) {
    case Kind::Transient:
      return "waiting";
    case Kind::InDoubt:
      return "in doubt";
    case Kind::Blocked:
      return "blocked";
    case Kind::Permanent:
      return "dead";
  }
  return {};
}

}  // namespace

void Runner::dispatch() {
  if (!alone_.empty() || waits_for_suspects()) {
    if (at_work_ > 0 || alone_.empty()) return;
    const JobPtr job = alone_.front();
    alone_.pop_front();
    start(job);
    return;
  }
  while (!one_alone_ && at_work_ < settings_.bounds.slots) {
    const auto ticket = lanes_.next(clock_.now());
    if (!ticket) return;
    start(jobs_.at(*ticket));
  }
}

bool Runner::waits_for_suspects() {
  if (suspects_until_ && clock_.now() >= *suspects_until_) suspects_until_.reset();
  return suspects_until_ && std::any_of(partitions_.begin(), partitions_.end(),
                                        [](const auto& each) { return !each.second->suspects.empty(); });
}

void Runner::start(const JobPtr& job) {
  job->started = clock_.now();
  if (++job->attempt == 1) job->first_started = job->started;
  job->busy = true;
  one_alone_ = job->alone;
  ++job->partition->in_hand;
  ++at_work_;
  guard_->take(job->handle(), job->alone);
  spawn(work(job));
}

Context Runner::context(const Job& job) const {
  Context context;
  context.envelope = job.event->envelope;
  context.at = job.event->record.at;
  context.epoch = job.partition->epoch;
  context.attempt = job.attempt;
  context.now = clock_.wall();
  context.deadline = job.started + settings_.step_within;
  context.ours = job.partition->ours;
  context.effects = !settings_.dry_run;
  return context;
}

asio::awaitable<void> Runner::work(JobPtr job) {
  const auto self = shared_from_this();
  std::optional<Outcome> outcome;
  std::exception_ptr thrown;
  try {
    Unit unit = job->unit;
    Context told = context(*job);
    Outcome answered = co_await steps_.step(std::move(unit), std::move(told));
    outcome = std::move(answered);
  } catch (...) {
    thrown = std::current_exception();
  }
  --at_work_;
  one_alone_ = false;
  if (thrown) {  // it stays noted in hand
    job->busy = false;
    --job->partition->in_hand;
    std::rethrow_exception(thrown);
  }
  guard_->done(job->handle());
  job->took = clock_.now() - job->started;
  lanes_.ended(job->ticket, answer_of(*outcome));
  if (!is_ours(*job)) {
    let_go(job);
    co_return;
  }
  auto end = conclude(job, std::move(*outcome));
  if (!end) {
    job->busy = false;
    --job->partition->in_hand;
    ring();
    co_return;
  }
  Ending last = std::move(*end);
  ring();
  co_await deliver(job, std::move(last));
}

std::optional<Ending> Runner::conclude(const JobPtr& job, Outcome outcome) {
  if (auto* const emit = std::get_if<Emit>(&outcome)) {
    Ending end;
    end.outcome = "emitted";
    end.spent = emit->spent;
    end.draft = emitted(maker(*job), *job->event, job->unit.account, std::move(*emit));
    return end;
  }
  if (auto* const settle = std::get_if<Settle>(&outcome)) {
    const Spent spent = settle->settled.spent;
    return ending(*job, std::move(*settle), spent);
  }
  return conclude_failure(job, std::move(std::get<Failed>(outcome)));
}

std::optional<Ending> Runner::conclude_failure(const JobPtr& job, Failed failed) {
  const Spent spent = failed.spent;
  Failure failure = failed.failure;
  auto recovery = recover(rules(), std::move(failed), history(*job), now(), clock_.jitter());
  if (const auto* const retry = std::get_if<RetryAfter>(&recovery)) {
    again(job, clock_.now() + retry->delay);
    return std::nullopt;
  }
  if (const auto* const rest = std::get_if<Rest>(&recovery))
    return conclude_rest(job, rest->delay, std::move(failure));
  return ending(*job, std::move(recovery), spent);
}

// A rest is the whole lane's. A short one waits here; a longer one elsewhere, with all that waits in the
// lane. Who has no lease waits here in any case: control gives one soon, or nothing at all can be done.
std::optional<Ending> Runner::conclude_rest(const JobPtr& job, std::chrono::milliseconds delay,
                                            Failure failure) {
  const auto patience = settings_.bounds.lane.patience;
  if (failure.cause == Cause::NoLease) delay = std::min(delay, patience);
  const Moment until = clock_.now() + delay;
  lanes_.rest(job->lane, until);
  ++job->rests;
  if (delay <= patience || halted_) {
    again(job, until);
    return std::nullopt;
  }
  log::info("stage.lane_rests", {{"stage", settings_.name},
                                 {"tenant", job->event->envelope.tenant},
                                 {"account", job->unit.account},
                                 {"cause", failure.cause},
                                 {"for", delay}});
  spill(job->lane);
  return ending(*job, paced(rules(), failure.detail, history(*job), now() + delay, now()), {});
}

void Runner::again(const JobPtr& job, Moment at) {
  if (!std::exchange(job->alone, false)) return lanes_.again(job->ticket, at);
  lanes_.push({job->ticket, job->lane, job->order, job->bytes}, clock_.now());  // it took nothing down
}

// Units whose step never ran.
void Runner::conclude_unrun(const JobPtr& job, Failure failure) {
  Failed failed;
  failed.failure = std::move(failure);
  failed.here = false;
  deliver_soon(job,
               ending(*job, recover(rules(), std::move(failed), history(*job), now(), clock_.jitter()), {}));
}

Ending Runner::ending(const Job& job, Recovery recovery, Spent spent) const {
  Ending end;
  end.spent = spent;
  if (auto* const settle = std::get_if<Settle>(&recovery)) {
    end.outcome = settle->settled.reason;
    end.reason = settle->settled.detail;
    end.draft = settled(maker(job), *job.event, job.unit, std::move(*settle));
    return end;
  }
  Deferral deferral;
  if (auto* const given = std::get_if<Deferral>(&recovery)) {
    deferral = std::move(*given);
  } else {  // nobody may wait in memory here
    const auto* const rest = std::get_if<Rest>(&recovery);
    const auto delay = rest != nullptr ? rest->delay : std::get<RetryAfter>(recovery).delay;
    deferral.kind = Kind::Transient;
    deferral.failure = {Cause::Paced, "tried again later"};
    deferral.not_before = now() + delay;
    deferral.tries = job.event->envelope.tries;
  }
  end.outcome = word_of(deferral.kind);
  end.reason = deferral.failure.detail;
  end.cause = deferral.failure.cause;
  end.deferred = deferral.kind;
  end.draft = deferred(maker(job), *job.event, job.unit.account, deferral);
  return end;
}

Maker Runner::maker(const Job& job) const {
  return {settings_.name, settings_.topics, now(),
          telemetry::next_traceparent(job.event->envelope.traceparent)};
}

History Runner::history(const Job& job) const {
  History history;
  history.attempt = std::max(job.attempt, 1);
  history.rests = job.rests;
  if (job.attempt > 0)
    history.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - job.first_started);
  history.tries = job.event->envelope.tries;
  history.first_deferred = job.event->envelope.first_deferred;
  return history;
}

}  // namespace aftercall::stage
