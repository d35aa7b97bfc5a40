#include "stage/runner.hpp"
#include "telemetry/log.hpp"

namespace aftercall::stage {
namespace {

using namespace std::chrono_literals;

constexpr auto between_publishes = 1s;

}  // namespace

void Runner::deliver_soon(const VisitPtr& visit, Departure end) {
  visit->busy = true;
  ++visit->partition->in_hand;
  spawn(deliver(visit, std::move(end)));
}

// Until Kafka has it the offset is not done.
asio::awaitable<void> Runner::deliver(VisitPtr visit, Departure end) {
  const auto self = shared_from_this();
  visit->unit.payload.reset();  // it runs no more, and thousands may wait for their acks
  const std::optional<Departure> acked = co_await publish_until_acked(visit, std::move(end));
  if (acked) report(*visit, *acked);
  if (acked && is_ours(*visit)) {
    visit->partition->tracker.done(visit->event->record.at.offset);
    guard_->done(visit->handle());  // what is never run again is known until then
  }
  let_go(visit);
}

// What was published in the end; nothing when the partition was taken away first, or the stage ends. While
// Kafka takes nothing, nothing new is begun.
asio::awaitable<std::optional<Departure>> Runner::publish_until_acked(VisitPtr visit, Departure end) {
  bool refused = false;  // by Kafka's own limits
  bool waits = false;
  bool gives_up = false;
  while (!gives_up) {
    Draft draft = end.draft;
    const auto acked = co_await publish(std::move(draft));
    if (acked) break;
    if (kind_of(acked.error().cause) == Kind::Permanent) {
      gives_up = std::exchange(refused, true);
      if (gives_up) this->end(acked.error());
      end = departure_of_unpublishable(*visit, acked.error());
      continue;
    }
    if (!std::exchange(waits, true)) {
      ++unpublished_;
      log::warn("stage.not_published", {{"stage", settings_.name}, {"why", acked.error().detail}});
    }
    co_await pause(between_publishes);
    gives_up = over_ || !is_ours(*visit);
  }
  if (waits) --unpublished_;
  if (gives_up) co_return std::nullopt;
  co_return std::move(end);
}

asio::awaitable<Result<Position>> Runner::publish(Draft draft) {
  if (settings_.dry_run) {
    settings_.dry_run->show(draft);
    co_return Position{};
  }
  const auto acked = co_await producer_->publish(std::move(draft));
  co_return acked;
}

// What is too large for Kafka is dead, and so large a deferral holds only where the event lies.
Departure Runner::departure_of_unpublishable(const Visit& visit, const Failure& why) const {
  Visit shortened = visit;
  Event event = *visit.event;
  const Position& at = event.record.at;
  event.record.value.reset();
  shortened.event = std::make_shared<Event>(std::move(event));
  Deferral dead;
  dead.failure = {why.cause, why.detail + "; the event lies at " + at.topic + " partition " +
                                 std::to_string(at.partition) + " offset " + std::to_string(at.offset)};
  dead.tries = visit.event->envelope.tries + 1;
  return departure(shortened, std::move(dead), {});
}

void Runner::let_go(const VisitPtr& visit) {
  visit->busy = false;
  --visit->partition->in_hand;
  remove(visit);
  ring();
}

}  // namespace aftercall::stage
