#include "stage/runner.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace aftercall::stage {
namespace {

using namespace std::chrono_literals;

// How long the others wait for units that must run alone. They lie at or behind the committed offset, so they
// come with the first records, or not at all.
constexpr auto suspects_come_within = 5s;

}  // namespace

asio::awaitable<void> Runner::follow_change() {
  const auto change = consumer_->change();
  if (!change) co_return;
  if (const auto* const now_ours = std::get_if<bus::Assigned>(&*change)) {
    consumer_->accept();  // at once: the group waits; what must come first holds us back, not it
    assigned(*now_ours);
    co_return;
  }
  if (std::holds_alternative<bus::Lost>(*change)) {
    log::warn("stage.partitions_lost", {{"stage", settings_.name}});
    drop_waiting();
    give_up_partitions();
    revoked_.reset();
    consumer_->accept();
    co_return;
  }
  if (!revoked_) {
    revoked_ = clock_.now();
    drop_waiting();
  }
  if (in_hand() > 0 && clock_.now() < *revoked_ + settings_.drain_within) co_return;
  const auto deadline = bus::within(5s);
  const auto committed = co_await consumer_->commit_now(uncommitted(), deadline);
  if (!committed)
    log::warn("stage.not_committed", {{"stage", settings_.name}, {"why", committed.error().detail}});
  drop_waiting();  // what came back to its lane meanwhile
  give_up_partitions();
  revoked_.reset();
  consumer_->accept();
}

void Runner::assigned(const bus::Assigned& change) {
  for (const int number : change.partitions) {
    auto partition = std::make_shared<Partition>();
    partition->number = number;
    partition->epoch = ++last_epoch_;
    if (const auto place = change.committed.find(number); place != change.committed.end())
      guard_->passed(number, place->second);
    partition->suspects = guard_->suspects(number);
    partitions_[number] = partition;
    spawn(open(partition));
  }
  log::info("stage.assigned", {{"stage", settings_.name}, {"partitions", change.partitions.size()}});
}

asio::awaitable<void> Runner::open(std::shared_ptr<Partition> partition) {
  const auto self = shared_from_this();
  while (steps_.on_assigned && *partition->ours) {
    const auto done = co_await steps_.on_assigned(partition->number, partition->epoch);
    if (done) break;
    log::warn("stage.not_restored",
              {{"stage", settings_.name}, {"partition", partition->number}, {"why", done.error().detail}});
    if (kind_of(done.error().cause) != Kind::Transient) end(done.error());
    co_await pause(1s);
  }
  partition->open = true;
  if (!partition->suspects.empty()) suspects_until_ = clock_.now() + suspects_come_within;
}

// Units that nobody works on yet: their offsets are not committed, so they come again.
void Runner::drop_waiting() {
  std::vector<VisitPtr> waiting;
  for (const auto& [ticket, visit] : visits_)
    if (!visit->busy) waiting.push_back(visit);
  for (const auto& visit : waiting) remove(visit);
  for (const auto& [number, partition] : partitions_) partition->arrived.clear();
  alone_.clear();
}

// From here on results of what was in hand are dropped: `ours` says so to steps and to deliver().
void Runner::give_up_partitions() {
  for (const auto& [number, partition] : partitions_) {
    *partition->ours = false;
    telemetry::lag_gone(settings_.name, settings_.topics.of(settings_.input), number);
    if (steps_.on_revoked) steps_.on_revoked(number);
  }
  partitions_.clear();
  suspects_until_.reset();
}

std::size_t Runner::in_hand() const {
  std::size_t all = 0;
  for (const auto& [number, partition] : partitions_) all += partition->in_hand;
  return all;
}

// That it was asked for says nothing: only what the broker has acked need not be committed again.
bus::Offsets Runner::uncommitted() const {
  bus::Offsets offsets;
  for (const auto& [number, partition] : partitions_)
    if (const auto watermark = partition->tracker.watermark()) offsets[number] = *watermark;
  for (const auto& lag : consumer_->lag()) {
    const auto offset = offsets.find(lag.partition);
    if (offset != offsets.end() && lag.committed && *lag.committed >= offset->second) offsets.erase(offset);
  }
  return offsets;
}

void Runner::commit_if_due() {
  if (revoked_ || clock_.now() < next_commit_) return;
  next_commit_ = clock_.now() + settings_.commit_every;
  auto offsets = uncommitted();
  if (!offsets.empty()) consumer_->commit(std::move(offsets));
}

}  // namespace aftercall::stage
