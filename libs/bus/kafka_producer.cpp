#include "bus/kafka_producer.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "bus/metadata.hpp"

namespace aftercall::bus {
namespace {

constexpr int events_a_ring = 1000;  // then others get their turn

Properties properties_of(const ProducerSettings& own) {
  return {
      {"acks", "all"},
      {"enable.idempotence", "true"},
      {"compression.codec", "lz4"},
      {"linger.ms", "5"},
      {"partitioner", "murmur2_random"},  // Java's: others who publish our keys reach the same partitions
      {"message.max.bytes", "3145728"},   // topics take 4 MiB
      {"message.timeout.ms", std::to_string(own.delivery_timeout.count())},
      {"queue.buffering.max.kbytes", std::to_string(std::max<std::size_t>(own.queue_bytes / 1024, 1))},
  };
}

}  // namespace

KafkaProducer::KafkaProducer(const asio::any_io_executor& executor, Settings settings, ProducerSettings own)
    : executor_(executor),
      settings_(std::move(settings)),
      own_(std::move(own)),
      acked_(executor),
      doorbell_(executor, [this] { return ring(); }),
      handle_(make_handle(RD_KAFKA_PRODUCER, settings_, properties_of(own_))),
      events_(rd_kafka_queue_get_main(handle_.get())),
      offload_(executor) {
  doorbell_.watch(events_);
  for (const std::string& name : own_.topics) topic(name);
}

KafkaProducer::~KafkaProducer() {
  // What is in flight refers to in_flight_, which goes after the handle.
  rd_kafka_purge(handle_.get(),
                 RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

asio::awaitable<Result<Position>> KafkaProducer::publish(Draft draft) {
  return wait_for<Result<Position>>(executor_, [this, draft = std::move(draft)](auto answer) mutable {
    waiting_.push_back({std::move(draft), std::move(answer), within(own_.delivery_timeout)});
    waiting_.back().self = std::prev(waiting_.end());
    send_waiting();
  });
}

void KafkaProducer::send_waiting() {
  while (!waiting_.empty()) {
    Sending& next = waiting_.front();
    const rd_kafka_resp_err_t error = send(next);
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      in_flight_.splice(in_flight_.end(), waiting_, next.self);
    } else {
      next.answer(tl::unexpected(rd::failure_of(error, "publishing to " + next.draft.topic)));
      waiting_.pop_front();
    }
  }
}

rd_kafka_resp_err_t KafkaProducer::send(Sending& sending) {
  Draft& draft = sending.draft;
  rd::HeaderList headers(rd_kafka_headers_new(draft.headers.size()));
  for (const auto& [name, value] : draft.headers)
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  std::array<rd_kafka_vu_t, 6> how{};
  how[0].vtype = RD_KAFKA_VTYPE_RKT;
  how[0].u.rkt = topic(draft.topic);
  how[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  how[1].u.i32 = draft.partition.value_or(RD_KAFKA_PARTITION_UA);
  how[2].vtype = RD_KAFKA_VTYPE_KEY;
  how[2].u.mem = {draft.key.data(), draft.key.size()};
  how[3].vtype = RD_KAFKA_VTYPE_VALUE;
  if (draft.value) how[3].u.mem = {draft.value->data(), draft.value->size()};
  how[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  how[4].u.headers = headers.get();
  how[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  how[5].u.ptr = &sending;
  const rd::Error error(rd_kafka_produceva(handle_.get(), how.data(), how.size()));
  if (error) return rd_kafka_error_code(error.get());
  static_cast<void>(headers.release());  // librdkafka's, now that it took the record
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool KafkaProducer::ring() {
  int left = events_a_ring;
  for (rd::Event event = rd::poll(events_); event; event = rd::poll(events_)) {
    serve(event.get());
    if (--left == 0) return true;
  }
  send_waiting();
  const Deadline now = std::chrono::steady_clock::now();
  give_up_late(in_flight_, now);
  give_up_late(waiting_, now);
  waiting_.remove_if([](const Sending& sending) { return !sending.answer; });
  if (waiting_.empty() && in_flight_.empty()) acked_.notify();
  return false;
}

void KafkaProducer::serve(rd_kafka_event_t* event) {
  if (pass_log(settings_, event)) return;
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_DR:
      while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) report(*message);
      break;
    case RD_KAFKA_EVENT_ERROR:
      say(settings_, rd_kafka_event_error_is_fatal(event) != 0 ? Severity::Error : Severity::Warning,
          rd_kafka_event_error_string(event));
      break;
    default:
      break;
  }
}

void KafkaProducer::report(const rd_kafka_message_t& message) {
  auto& sending = *static_cast<Sending*>(message._private);
  if (sending.answer) {
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR)
      sending.answer(Position{sending.draft.topic, message.partition, message.offset});
    else
      sending.answer(tl::unexpected(rd::failure_of(message.err, "publishing to " + sending.draft.topic)));
  }
  in_flight_.erase(sending.self);
}

// librdkafka looks for late messages once a second; whoever waits for us has a deadline of his own.
void KafkaProducer::give_up_late(std::list<Sending>& sendings, Deadline now) {
  for (Sending& sending : sendings) {
    if (sending.deadline > now) return;
    if (sending.answer)
      sending.answer(fail(Cause::Timeout,
                          "publishing to " + sending.draft.topic + ": Kafka did not acknowledge it in time"));
  }
}

asio::awaitable<Result<void>> KafkaProducer::ready(Deadline deadline) {
  for (const std::string& name : own_.topics) {
    const Result<int> count = co_await partitions(name, deadline);
    if (!count) co_return tl::unexpected(count.error());
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> KafkaProducer::flush(Deadline deadline) {
  while (!waiting_.empty() || !in_flight_.empty()) {
    if (std::chrono::steady_clock::now() >= deadline)
      co_return fail(Cause::Timeout, "flushing: Kafka did not acknowledge everything in time");
    co_await acked_.wait(deadline);
  }
  co_return Result<void>();
}

asio::awaitable<Result<int>> KafkaProducer::partitions(std::string name, Deadline deadline) {
  rd_kafka_topic_t* asked = topic(name);
  return offload_.run<Result<int>>(
      [this, asked, deadline] { return count_partitions(handle_.get(), asked, offload_, deadline); });
}

std::optional<std::string> KafkaProducer::fatal() const {
  std::string why = rd::fatal_error(handle_.get());
  if (why.empty()) return std::nullopt;
  return why;
}

// Kept, so that librdkafka keeps the topic's metadata.
rd_kafka_topic_t* KafkaProducer::topic(const std::string& name) {
  const auto known = std::find_if(topics_.begin(), topics_.end(), [&](const rd::Topic& each) {
    return rd_kafka_topic_name(each.get()) == name;
  });
  if (known != topics_.end()) return known->get();
  topics_.emplace_back(rd_kafka_topic_new(handle_.get(), name.c_str(), nullptr));
  return topics_.back().get();
}

}  // namespace aftercall::bus
