#include "bus/kafka_consumer.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace aftercall::bus {
namespace {

Properties properties_of(const ConsumerSettings& own) {
  const auto heartbeat = std::min(own.session_timeout / 3, std::chrono::milliseconds(1000));
  Properties properties{
      {"group.id", own.group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "earliest"},
      // Eager: with cooperative-sticky 2.0.2 loses whole assignments while members come and go.
      {"partition.assignment.strategy", "roundrobin"},
      {"session.timeout.ms", std::to_string(own.session_timeout.count())},
      {"max.poll.interval.ms", std::to_string(std::max(own.max_poll_interval, own.session_timeout).count())},
      // How long a request may stay unanswered. 2.0.2 may ask who coordinates the group on the very
      // connection that it gives up in the same moment, when a broker that came back answers "not me yet":
      // nobody answers, and until this time is over (default 60 s) it neither commits nor joins. Half a
      // session, so that the group still knows us then.
      {"socket.timeout.ms", std::to_string((own.session_timeout / 2).count())},
      // A member hears of a rebalance by its heartbeat: this is how long the others wait for it.
      {"heartbeat.interval.ms", std::to_string(heartbeat.count())},
      {"queued.max.messages.kbytes", std::to_string(std::max<std::size_t>(own.queue_bytes / 1024, 1))},
      {"fetch.wait.max.ms", "50"},
  };
  if (!own.instance.empty()) properties.emplace_back("group.instance.id", own.instance);
  return properties;
}

}  // namespace

KafkaConsumer::KafkaConsumer(const asio::any_io_executor& executor, Settings settings, ConsumerSettings own)
    : executor_(executor),
      settings_(std::move(settings)),
      own_(std::move(own)),
      wakeup_(executor),
      doorbell_(executor, [this] { return ring(); }),
      handle_(make_handle(RD_KAFKA_CONSUMER, settings_, properties_of(own_))),
      offload_(executor) {
  rd_kafka_poll_set_consumer(handle_.get());
  events_.reset(rd_kafka_queue_get_consumer(handle_.get()));
  closing_.reset(rd_kafka_queue_new(handle_.get()));
  doorbell_.watch(events_);
  doorbell_.watch(closing_);
  const rd::Partitions topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), own_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(handle_.get(), topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::invalid_argument(rd_kafka_err2str(error));
}

bool KafkaConsumer::ring() {
  for (const rd::Queue* queue : {&events_, &closing_})
    for (rd::Event event = rd::poll(*queue); event; event = rd::poll(*queue)) serve(event.get());
  const Deadline now = std::chrono::steady_clock::now();
  if (const auto offsets = committer_.next(now)) send_commit(*offsets, gathered);
  for (auto waiting = committing_.begin(); waiting != committing_.end();) {
    const bool late = waiting->second.deadline <= now;
    if (late) waiting->second.answer(fail(Cause::Timeout, "committing: Kafka did not answer in time"));
    waiting = late ? committing_.erase(waiting) : std::next(waiting);
  }
  wakeup_.notify();
  return false;
}

void KafkaConsumer::serve(rd_kafka_event_t* event) {
  if (pass_log(settings_, event)) return;
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_REBALANCE:
      return rebalance(event);
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      return committed(event);
    case RD_KAFKA_EVENT_ERROR:
      return complain(event);
    default:
      return;
  }
}

void KafkaConsumer::complain(rd_kafka_event_t* event) {
  say(settings_, rd_kafka_event_error_is_fatal(event) != 0 ? Severity::Error : Severity::Warning,
      "consuming " + own_.topic + ": " + rd_kafka_event_error_string(event));
}

std::optional<Record> KafkaConsumer::take(int partition) {
  const auto queue = records_.find(partition);
  if (queue == records_.end() || taken_away_ || leaving_) return std::nullopt;
  for (rd::Event event = rd::poll(queue->second); event; event = rd::poll(queue->second)) {
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR) complain(event.get());
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_FETCH) continue;
    const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get());
    if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return rd::record_of(*message);
  }
  return std::nullopt;
}

asio::awaitable<void> KafkaConsumer::activity(Deadline deadline) { return wakeup_.wait(deadline); }

std::vector<Lag> KafkaConsumer::lag() const {
  std::vector<Lag> all;
  for (const auto& [partition, queue] : records_) {
    Lag lag{partition, std::nullopt, std::nullopt, std::nullopt};
    const auto committed = committer_.committed().find(partition);
    if (committed != committer_.committed().end()) lag.committed = committed->second;
    std::int64_t low = RD_KAFKA_OFFSET_INVALID;
    std::int64_t high = RD_KAFKA_OFFSET_INVALID;
    rd_kafka_get_watermark_offsets(handle_.get(), own_.topic.c_str(), partition, &low, &high);
    if (low >= 0) lag.first = low;
    if (high >= 0) lag.end = high;
    all.push_back(lag);
  }
  return all;
}

std::optional<std::string> KafkaConsumer::fatal() const {
  std::string why = rd::fatal_error(handle_.get());
  if (why.empty()) return std::nullopt;
  return why;
}

}  // namespace aftercall::bus
