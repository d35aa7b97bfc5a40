#include "control/deferred/releaser.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aftercall/events/v1/session_settled.pb.h"
#include "control/deferred/ends_block.hpp"
#include "control/deferred/expired.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;

constexpr auto beat = 1s;  // how late a release may be, and how long a stop may go unnoticed
constexpr auto asking = 10s;
constexpr auto acking = std::chrono::milliseconds(30s);
constexpr auto leaving = 5s;
constexpr std::size_t records_at_once = 1000;
constexpr std::size_t most_in_hand = 64;
constexpr std::size_t shelf_bytes = 64UL << 20U;
constexpr std::size_t fetched_ahead = 64UL << 10U;  // the group's consumer takes nothing: membership is all

bus::ProducerSettings producer_settings(const wire::TopicNames& topics) {
  bus::ProducerSettings settings;
  settings.topics = {topics.of(wire::topic::event_deferred)};
  settings.delivery_timeout = acking;
  return settings;
}

// It came back because its account rests, or because there is no room for more of it.
bool says_wait(const Deferral& deferral) {
  return deferral.cause == name_of(Cause::Paced) || deferral.cause == name_of(Cause::RateLimited);
}

}  // namespace

Releaser::Releaser(Parts parts)
    : parts_(std::move(parts)),
      producer_(parts_.bus.producer(producer_settings(parts_.topics))),
      credit_(parts_.credit),
      shelf_(shelf_bytes),
      reading_(parts_.executor),
      alarm_(std::make_shared<Alarm>(parts_.executor)),
      tasks_(parts_.executor) {
  tasks_.on_end([this](const std::string&, std::exception_ptr thrown) {
    if (!thrown) return;
    thrown_ = std::move(thrown);
    alarm_->bell.notify();
  });
  try {
    deferrals_.emplace(parts_.table);
  } catch (const view::DiskTrouble& trouble) {
    keep_in_memory(trouble);
  }
}

// Until control starts anew: 1.3 KB for each that waits, and everybody's sessions go on.
void Releaser::keep_in_memory(const view::DiskTrouble& trouble) {
  if (in_memory_) throw std::runtime_error(trouble.what());
  in_memory_ = "what waits is kept in memory: " + trouble.failure().detail;
  log::error("releaser.in_memory", {{"why", trouble.failure().detail}});
  deferrals_.emplace();
}

std::optional<std::string> Releaser::fatal() const {
  const auto why = producer_->fatal();
  return why || !group_ ? why : group_->fatal();
}

std::optional<std::string> Releaser::why_not_ready() const {
  if (const auto why = fatal()) return "Kafka: " + *why;
  if (!restored_) return "event.deferred is still being read";
  return std::nullopt;
}

void Releaser::stop() {
  stopping_ = true;
  alarm_->bell.notify();
}

asio::awaitable<void> Releaser::run() {
  while (true) {
    co_await follow_and_release();
    if (!thrown_) co_return;
    try {
      std::rethrow_exception(std::exchange(thrown_, nullptr));
    } catch (const view::DiskTrouble& trouble) {
      keep_in_memory(trouble);
    }
    assigned_.clear();
    owned_.reset();
    aimed_ = restored_ = false;
    in_hand_ = 0;
  }
}

asio::awaitable<void> Releaser::follow_and_release() {
  const bool prepared = co_await prepare();
  if (!prepared) co_return;
  tasks_.spawn("follow event.deferred", follow());
  tasks_.spawn("membership", keep_membership());
  while (!over()) {
    if (const auto why = fatal()) {
      log::error("releaser.kafka_lost", {{"why", *why}});
      stop();
      break;
    }
    try {
      pump();
    } catch (...) {
      thrown_ = std::current_exception();
    }
    tick();
    const auto deadline = bus::within(beat);
    if (!thrown_) co_await alarm_->bell.wait(deadline);
  }
  owned_.reset();  // the table is not told: it may be what cannot be used
  co_await drain();
  const auto deadline = bus::within(leaving);
  co_await group_->leave(deadline);
  co_await tasks_.all();
}

// All of event.deferred, and of session.settled what is to come: how the copies that we release end.
asio::awaitable<Result<std::vector<bus::Start>>> Releaser::find_starts(bus::Deadline deadline) {
  const auto deferrals = parts_.topics.of(wire::topic::event_deferred);
  const auto outcomes = parts_.topics.of(wire::topic::session_settled);
  const Result<int> partitions = co_await producer_->partitions(deferrals, deadline);
  if (!partitions) co_return tl::unexpected(partitions.error());
  const auto admin = parts_.bus.admin();
  auto asked = admin->offsets_at(outcomes, std::chrono::system_clock::now(), deadline);
  const Result<bus::Offsets> ends = co_await std::move(asked);
  if (!ends) co_return tl::unexpected(ends.error());
  std::vector<bus::Start> starts;
  starts.reserve(static_cast<std::size_t>(*partitions) + ends->size());
  for (int partition = 0; partition < *partitions; ++partition) starts.push_back({deferrals, partition});
  for (const auto& [partition, offset] : *ends) starts.push_back({outcomes, partition, offset});
  co_return starts;
}

asio::awaitable<bool> Releaser::prepare() {
  while (!stopping_) {
    const auto deadline = bus::within(asking);
    auto finding = find_starts(deadline);
    Result<std::vector<bus::Start>> starts = co_await std::move(finding);
    if (starts) {
      reader_ = parts_.bus.reader(std::move(*starts), bus::Answers::InLargePieces);
      bus::ConsumerSettings settings;
      settings.topic = parts_.topics.of(wire::topic::event_deferred);
      settings.group = parts_.group;
      settings.queue_bytes = fetched_ahead;
      group_ = parts_.bus.consumer(settings);
      co_return true;
    }
    log::warn("releaser.waits_for_kafka", {{"why", starts.error().detail}});
    tick();
    const auto pause = bus::within(beat);
    co_await alarm_->bell.wait(pause);
  }
  co_return false;
}

asio::awaitable<void> Releaser::pause(std::chrono::milliseconds time) const {
  asio::steady_timer timer(parts_.executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> Releaser::follow() {
  std::string told;
  while (!over()) {
    const auto deadline = bus::within(beat);
    Result<std::vector<Record>> records = co_await reader_->read(records_at_once, deadline);
    if (!records) {
      if (told != records.error().detail) log::warn("releaser.unread", {{"why", records.error().detail}});
      told = records.error().detail;
      co_await pause(beat);
      continue;
    }
    told.clear();
    deferrals_->together([&] {
      for (auto& record : *records) apply(std::move(record));
    });
    if (!restored_ && reader_->caught_up()) {
      restored_ = true;
      log::info("releaser.restored", {{"waiting", deferrals_->size()}});
    }
    alarm_->bell.notify();
  }
}

void Releaser::apply(Record record) {
  if (record.at.topic == parts_.topics.of(wire::topic::session_settled)) return settled(record);
  if (record.value) return deferred(std::move(record));
  deferrals_->erase(record.key);
  shelf_.drop(record.key);
  copied_.erase(record.key);
  hopeless_.erase(record.key);
}

void Releaser::settled(const Record& record) {
  events::v1::SessionSettled message;
  if (!message.ParseFromString(record.value.value_or(""))) return;
  credit_.ended({record.key, CrmAccount(message.crm_account()), message.attempt()});
}

void Releaser::deferred(Record record) {
  auto deferral = deferral_in(record);
  if (!deferral) return;
  if (deferral->session.empty())
    log::error("releaser.unreadable", {{"partition", record.at.partition}, {"offset", record.at.offset}});
  const auto lent = credit_.ended({deferral->session, deferral->unit, deferral->attempt});
  // What we released ourselves failed after we did so, whatever the stage's clock says: the change that let
  // it go does not let it go again.
  if (lent) deferral->deferred_at = std::max(deferral->deferred_at, lent->at);
  if (lent && deferral->not_before && says_wait(*deferral))
    credit_.rest(deferral->turn(), *deferral->not_before);
  const bool due_by_itself = deferral->kind == Kind::Transient || deferral->kind == Kind::InDoubt;
  if (due_by_itself || !deferral->wanted_by.empty())
    shelf_.keep(std::move(record));
  else
    shelf_.drop(deferral->key);
  const auto when = due(*deferral);
  deferrals_->insert(std::move(*deferral), when);
}

std::optional<Instant> Releaser::due(const Deferral& deferral) const {
  const auto expires = expiry_of(deferral);
  const auto hopeless = hopeless_.find(deferral.key);
  if (hopeless != hopeless_.end() && hopeless->second == deferral.at) return expires;
  return std::min(due_of(deferral, parts_.directory).value_or(expires), expires);
}

void Releaser::pump() {
  own_if_read();
  credit_.expire(now());
  if (seen_version_ != parts_.directory.version()) {
    seen_version_ = parts_.directory.version();
    deferrals_->reconsider([this](const Deferral& deferral) { return due(deferral); });
  }
  const auto may = [this](const Deferral& first) {
    return is_copied(first) || first.discarded || credit_.left(first.turn(), now());
  };
  while (owned_ && in_hand_ < most_in_hand) {
    auto next = deferrals_->next(now(), may);
    if (!next) break;
    if (!is_copied(*next)) credit_.take(*next, now());
    ++in_hand_;
    tasks_.spawn("release", release(std::move(*next)));
  }
  show();
}

// The next beat, by the clock that may be a test's.
void Releaser::tick() {
  if (std::exchange(alarm_->armed, true)) return;
  const std::weak_ptr<Alarm> weak = alarm_;
  parts_.clock.call_at(parts_.clock.now() + beat, [weak] {
    const auto alarm = weak.lock();
    if (!alarm) return;
    alarm->armed = false;
    alarm->bell.notify();
  });
}

void Releaser::show() {
  if (now() < next_show_) return;
  next_show_ = now() + beat;
  std::map<Kind, std::int64_t> kinds{
      {Kind::Transient, 0}, {Kind::InDoubt, 0}, {Kind::Blocked, 0}, {Kind::Permanent, 0}};
  for (const auto& [what, count] : deferrals_->counts_of_ours()) kinds[what.kind] += count;
  for (const auto& [kind, count] : kinds)
    telemetry::gauge("aftercall_deferred",
                     "Units in event.deferred, in the partitions that this instance releases.",
                     {{"kind", name_of(kind)}}, static_cast<double>(count));
}

}  // namespace aftercall::control
