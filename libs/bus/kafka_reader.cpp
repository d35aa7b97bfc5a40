#include "bus/kafka_reader.hpp"

#include <algorithm>
#include <chrono>

namespace aftercall::bus {
namespace {

Properties properties(Answers answers) {
  const bool large = answers == Answers::InLargePieces;
  return {
      {"auto.offset.reset", "earliest"},  // of an offset that retention has deleted
      {"enable.partition.eof", "true"},
      {"queued.max.messages.kbytes", "4096"},       // a partition; a view reads up to sixty of them
      {"fetch.wait.max.ms", large ? "100" : "50"},  // aim() waits behind it, twice
      {"fetch.min.bytes", large ? "262144" : "1"},
  };
}

std::int64_t kafka_offset(std::int64_t offset) {
  return offset == beginning ? static_cast<std::int64_t>(RD_KAFKA_OFFSET_BEGINNING) : offset;
}

}  // namespace

// The "simple consumer" of librdkafka: assign() would need a group id and would look for that group's
// coordinator.
KafkaReader::KafkaReader(const asio::any_io_executor& executor, Settings settings, std::vector<Start> starts,
                         Answers answers)
    : settings_(std::move(settings)),
      wakeup_(executor),
      doorbell_(executor, [this] { return ring(); }),
      handle_(make_handle(RD_KAFKA_CONSUMER, settings_, properties(answers))),
      events_(rd_kafka_queue_get_main(handle_.get())),
      records_(rd_kafka_queue_new(handle_.get())),
      offload_(executor) {
  doorbell_.watch(events_);
  doorbell_.watch(records_);
  for (const Start& start : starts) {
    const Place place{start.topic, start.partition};
    if (!progress_.try_emplace(place, Progress{std::max<std::int64_t>(start.offset, 0), std::nullopt}).second)
      continue;
    const rd::Topic& topic =
        topics_.emplace_back(rd_kafka_topic_new(handle_.get(), start.topic.c_str(), nullptr));
    if (rd_kafka_consume_start_queue(topic.get(), start.partition, kafka_offset(start.offset),
                                     records_.get()) != 0)
      trouble_ = rd::failure_of(rd_kafka_last_error(), "reading " + start.topic);
  }
}

bool KafkaReader::ring() {
  for (rd::Event event = rd::poll(events_); event; event = rd::poll(events_))
    if (!pass_log(settings_, event.get()) && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR)
      say(settings_, Severity::Warning, std::string("reading: ") + rd_kafka_event_error_string(event.get()));
  wakeup_.notify();
  return false;
}

asio::awaitable<Result<std::vector<Record>>> KafkaReader::read(std::size_t most, Deadline deadline) {
  const bool was_behind = !caught_up();  // also before the first aim: an empty partition's end comes at once
  if (!aimed_) {
    const Result<void> aimed = co_await aim(deadline);
    if (!aimed && kind_of(aimed.error().cause) != Kind::Transient) co_return tl::unexpected(aimed.error());
  }
  std::vector<Record> records;
  while (true) {
    take(most, records);
    if (!records.empty() || std::chrono::steady_clock::now() >= deadline) break;
    if (trouble_ || (was_behind && caught_up())) break;
    co_await wakeup_.wait(deadline);
  }
  if (records.empty() && trouble_) {
    Failure trouble = *std::exchange(trouble_, std::nullopt);
    co_return tl::unexpected(std::move(trouble));
  }
  co_return records;
}

void KafkaReader::take(std::size_t most, std::vector<Record>& records) {
  while (records.size() < most) {
    const rd::Event event = rd::poll(records_);
    if (!event) return;
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR) noted(event.get());
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_FETCH) continue;
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) {
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      records.push_back(rd::record_of(*message));
      const Position& at = records.back().at;
      progress_[{at.topic, at.partition}].next = at.offset + 1;
    }
  }
}

void KafkaReader::noted(rd_kafka_event_t* event) {
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event);
  if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    // The end may lie behind the last record: compaction and retention leave gaps.
    auto* const at = rd_kafka_event_topic_partition(event);
    if (at == nullptr) return;
    auto& next = progress_[{at->topic, at->partition}].next;
    next = std::max(next, at->offset);
    rd_kafka_topic_partition_destroy(at);
    return;
  }
  Failure failure = rd::failure_of(error, "reading");
  if (kind_of(failure.cause) == Kind::Transient)
    say(settings_, Severity::Warning, failure.detail);  // librdkafka goes on by itself
  else
    trouble_ = std::move(failure);
}

bool KafkaReader::caught_up() const {
  return aimed_ && std::all_of(progress_.begin(), progress_.end(), [](const auto& each) {
           return each.second.end && each.second.next >= *each.second.end;
         });
}

asio::awaitable<Result<void>> KafkaReader::aim(Deadline deadline) {
  auto asking = offload_.run<Result<Ground>>([this, deadline] { return survey(deadline); });
  Result<Ground> ground = co_await std::move(asking);
  if (!ground) co_return tl::unexpected(ground.error());
  ground_ = std::move(*ground);
  for (const Extent& each : ground_.extents) progress_[{each.topic, each.partition}].end = each.next;
  aimed_ = true;
  co_return Result<void>();
}

// On the other thread: reads of progress_ nothing but the keys, which never change.
Result<Ground> KafkaReader::survey(Deadline deadline) const {
  Places places;
  for (const auto& [place, progress] : progress_) places.push_back(place);
  Ground ground;
  const Result<std::vector<Ends>> ends = ends_of(handle_.get(), places, offload_, deadline);
  if (!ends) return tl::unexpected(ends.error());
  for (std::size_t i = 0; i < places.size(); ++i)
    ground.extents.push_back({places[i].first, places[i].second, (*ends)[i].first, (*ends)[i].next});
  Result<std::string> cluster = cluster_of(handle_.get(), offload_, deadline);
  if (!cluster) return tl::unexpected(cluster.error());
  ground.cluster = std::move(*cluster);
  return ground;
}

}  // namespace aftercall::bus
