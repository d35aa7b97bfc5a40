#include <algorithm>

#include "stage/runner.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/settled.hpp"
#include "telemetry/trace.hpp"

namespace aftercall::stage {
namespace {

using namespace std::chrono_literals;

constexpr auto shown_every = 1s;

}  // namespace

void Runner::report(const Visit& visit, const Departure& end) const {
  if (settings_.dry_run) return;  // nothing has ended; what would have was shown
  const wire::Envelope& envelope = visit.event->envelope;
  const auto trace = telemetry::parse_traceparent(envelope.traceparent);
  telemetry::Settled line;
  line.stage = settings_.name;
  line.tenant = envelope.tenant.str();
  line.source = visit.unit.session.source.str();
  line.session = visit.unit.session.session.str();
  line.account = visit.unit.account.str();
  line.event_id = envelope.id;
  if (trace) line.trace_id = trace->trace_id;
  line.outcome = end.outcome;
  line.cause = end.cause;
  line.reason = end.reason;
  line.attempt = envelope.attempt;
  line.tries = envelope.tries;
  line.spent = end.spent;
  line.took = std::chrono::duration_cast<std::chrono::milliseconds>(visit.took);
  if (visit.unit.revision.accepted_at != Instant{}) line.age = now() - visit.unit.revision.accepted_at;
  telemetry::settled(line);
  if (end.deferred) telemetry::deferred(settings_.name, end.outcome);
}

void Runner::show_if_due() {
  if (clock_.now() < next_show_) return;
  next_show_ = clock_.now() + shown_every;
  telemetry::in_flight(settings_.name, static_cast<std::int64_t>(at_work_));
  telemetry::gauge("aftercall_queued_units", "Units read and not at work.", {{"stage", settings_.name}},
                   static_cast<double>(visits_.size() - std::min(at_work_, visits_.size())));
  telemetry::gauge("aftercall_queued_bytes", "Bytes of the units in the process.",
                   {{"stage", settings_.name}}, static_cast<double>(bytes_));
  const auto topic = settings_.topics.of(settings_.input);
  for (const auto& lag : consumer_->lag()) {
    const auto found = partitions_.find(lag.partition);
    if (found == partitions_.end() || !lag.end) continue;
    const Partition& partition = *found->second;
    const auto next = partition.tracker.watermark();
    const auto stands = next ? *next : lag.committed.value_or(lag.first.value_or(0));
    const auto events = std::max<std::int64_t>(*lag.end - stands, 0);
    // Nothing open, yet something left: it was published after what we took last.
    const auto oldest = partition.tracker.oldest() ? partition.tracker.oldest() : partition.tracker.latest();
    auto age = 0ms;
    if (events > 0 && oldest)
      age = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall() - *oldest), 0ms);
    telemetry::lag(settings_.name, topic, lag.partition, events, age);
  }
}

}  // namespace aftercall::stage
