#include "bus/kafka_consumer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

namespace aftercall::bus {
namespace {

constexpr std::uintptr_t gathered = 0;  // the number of the committer's own requests
constexpr std::chrono::milliseconds between_looks{20};

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
      // A member hears of a rebalance by its heartbeat: this is how long the others wait for it.
      {"heartbeat.interval.ms", std::to_string(heartbeat.count())},
      {"queued.max.messages.kbytes", std::to_string(std::max<std::size_t>(own.queue_bytes / 1024, 1))},
      {"fetch.wait.max.ms", "50"},
  };
  if (!own.instance.empty()) properties.emplace_back("group.instance.id", own.instance);
  return properties;
}

// librdkafka carries it, nobody follows it.
void* opaque_of(std::uintptr_t number) {
  return reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr)
}

std::vector<int> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<int> partitions;
  std::for_each(list.elems, list.elems + list.cnt,
                [&](const rd_kafka_topic_partition_t& each) { partitions.push_back(each.partition); });
  return partitions;
}

Offsets offsets_of(const rd_kafka_topic_partition_list_t& list) {
  Offsets offsets;
  std::for_each(list.elems, list.elems + list.cnt, [&](const rd_kafka_topic_partition_t& each) {
    if (each.offset >= 0 && each.err == RD_KAFKA_RESP_ERR_NO_ERROR) offsets[each.partition] = each.offset;
  });
  return offsets;
}

// The first error of a commit: the request's own, else one of a partition.
rd_kafka_resp_err_t error_of(rd_kafka_event_t* event, const rd_kafka_topic_partition_list_t* list) {
  if (const auto error = rd_kafka_event_error(event); error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  if (list == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
  const auto* const end = list->elems + list->cnt;
  const auto* const failed =
      std::find_if(static_cast<const rd_kafka_topic_partition_t*>(list->elems), end,
                   [](const auto& each) { return each.err != RD_KAFKA_RESP_ERR_NO_ERROR; });
  return failed == end ? RD_KAFKA_RESP_ERR_NO_ERROR : failed->err;
}

// The group went on without us: no repetition will help, and a Lost follows.
bool refuses_us(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || error == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
         error == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || error == RD_KAFKA_RESP_ERR__FATAL;
}

}  // namespace

KafkaConsumer::KafkaConsumer(const asio::any_io_executor& executor, Settings settings, ConsumerSettings own)
    : executor_(executor),
      settings_(std::move(settings)),
      own_(std::move(own)),
      wakeup_(executor),
      doorbell_(executor, [this] { return ring(); }),
      handle_(make_handle(RD_KAFKA_CONSUMER, settings_, properties_of(own_))) {
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
    case RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT:
      return told_where_the_group_stands(event);
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

void KafkaConsumer::rebalance(rd_kafka_event_t* event) {
  const rd_kafka_topic_partition_list_t& list = *rd_kafka_event_topic_partition_list(event);
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !leaving_) {
    ask_where_the_group_stands(list);
    return;
  }
  if (leaving_) {
    disown();
    return;
  }
  taken_away_ = true;
  asking_.clear();
  if (rd_kafka_assignment_lost(handle_.get()) != 0)
    changes_.emplace_back(Lost{partitions_of(list)});
  else
    changes_.emplace_back(Revoked{partitions_of(list)});
}

// librdkafka would ask by itself, but not tell: and lag can be told only by who knows the start.
void KafkaConsumer::ask_where_the_group_stands(const rd_kafka_topic_partition_list_t& assigned) {
  taken_away_ = false;
  if (assigned.cnt == 0) {
    changes_.emplace_back(Assigned{});
    return;
  }
  asking_ = partitions_of(assigned);
  const rd::Options options(
      rd_kafka_AdminOptions_new(handle_.get(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS));
  std::array<char, 128> why{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), 5000, why.data(), why.size());
  asking_as_ = opaque_of(++last_number_);
  rd_kafka_AdminOptions_set_opaque(options.get(), asking_as_);
  rd_kafka_ListConsumerGroupOffsets_t* question =
      rd_kafka_ListConsumerGroupOffsets_new(own_.group.c_str(), &assigned);
  rd_kafka_ListConsumerGroupOffsets(handle_.get(), &question, 1, options.get(), events_.get());
  rd_kafka_ListConsumerGroupOffsets_destroy(question);
}

void KafkaConsumer::told_where_the_group_stands(rd_kafka_event_t* event) {
  // Another assignment has come, or this one was taken away, since we asked.
  if (asking_.empty() || rd_kafka_event_opaque(event) != asking_as_) return;
  Assigned assigned{std::exchange(asking_, {}), {}};
  const auto* const result = rd_kafka_event_ListConsumerGroupOffsets_result(event);
  std::size_t count = 0;
  const auto* const* const groups =
      result == nullptr ? nullptr : rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count);
  if (count == 1)
    if (const auto* const list = rd_kafka_group_result_partitions(groups[0]))
      assigned.committed = offsets_of(*list);
  changes_.emplace_back(std::move(assigned));
}

std::optional<Change> KafkaConsumer::change() {
  if (changes_.empty()) return std::nullopt;
  return changes_.front();
}

void KafkaConsumer::accept() {
  if (changes_.empty()) return;
  const Change accepted = std::move(changes_.front());
  changes_.pop_front();
  const auto* const assigned = std::get_if<Assigned>(&accepted);
  if (assigned == nullptr)
    disown();
  else if (!taken_away_)  // else what takes it away waits behind, and its answer answers both
    own(*assigned);
  wakeup_.notify();
}

void KafkaConsumer::own(const Assigned& assigned) {
  committer_.forget();
  committer_.accepted(assigned.committed);
  const rd::Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(assigned.partitions.size())));
  for (const int partition : assigned.partitions) {
    const auto committed = assigned.committed.find(partition);
    rd_kafka_topic_partition_list_add(list.get(), own_.topic.c_str(), partition)->offset =
        committed == assigned.committed.end() ? RD_KAFKA_OFFSET_INVALID : committed->second;
    // Before the assignment starts to fetch: a queue of its own, watched, that flows into no other.
    rd::Queue queue(rd_kafka_queue_get_partition(handle_.get(), own_.topic.c_str(), partition));
    rd_kafka_queue_forward(queue.get(), nullptr);
    doorbell_.watch(queue);
    records_[partition] = std::move(queue);
  }
  const rd_kafka_resp_err_t error = rd_kafka_assign(handle_.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    say(settings_, Severity::Error, std::string("assigning: ") + rd_kafka_err2str(error));
}

void KafkaConsumer::disown() {
  rd_kafka_assign(handle_.get(), nullptr);
  records_.clear();
  committer_.forget();
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

void KafkaConsumer::commit(Offsets offsets) {
  committer_.want(offsets);
  if (const auto now = committer_.next(std::chrono::steady_clock::now())) send_commit(*now, gathered);
}

asio::awaitable<Result<void>> KafkaConsumer::commit_now(Offsets offsets, Deadline deadline) {
  return wait_for<Result<void>>(
      executor_, [this, offsets = std::move(offsets), deadline](auto answer) mutable {
        if (offsets.empty()) return answer(Result<void>());
        const std::uintptr_t number = ++last_number_;
        committing_.emplace(number, Committing{offsets, std::move(answer), deadline});
        send_commit(offsets, number);
      });
}

void KafkaConsumer::send_commit(const Offsets& offsets, std::uintptr_t number) {
  const rd::Partitions list = list_of(offsets);
  // Without a generation Kafka takes commits from anybody while a group has no members.
  const rd_kafka_resp_err_t error =
      rd_kafka_assignment_lost(handle_.get()) != 0
          ? RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION
          : rd_kafka_commit_queue(handle_.get(), list.get(), events_.get(), nullptr, opaque_of(number));
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  if (number == gathered) return committer_.answered(offsets, false, !refuses_us(error));
  committing_.at(number).answer(tl::unexpected(rd::failure_of(error, "committing")));
  committing_.erase(number);
}

void KafkaConsumer::committed(rd_kafka_event_t* event) {
  const auto* const list = rd_kafka_event_topic_partition_list(event);
  const rd_kafka_resp_err_t error = error_of(event, list);
  const Offsets offsets = list == nullptr ? Offsets() : offsets_of(*list);
  const auto number = reinterpret_cast<std::uintptr_t>(rd_kafka_event_opaque(event));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    say(settings_, Severity::Warning, "committing " + own_.topic + ": " + rd_kafka_err2str(error));
  if (number == gathered)
    return committer_.answered(offsets, error == RD_KAFKA_RESP_ERR_NO_ERROR, !refuses_us(error));
  const auto waiting = committing_.find(number);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) committer_.accepted(offsets);
  if (waiting == committing_.end()) return;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
    waiting->second.answer(Result<void>());
  else
    waiting->second.answer(tl::unexpected(rd::failure_of(error, "committing " + own_.topic)));
  committing_.erase(waiting);
}

rd::Partitions KafkaConsumer::list_of(const Offsets& offsets) const {
  rd::Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets)
    rd_kafka_topic_partition_list_add(list.get(), own_.topic.c_str(), partition)->offset = offset;
  return list;
}

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

asio::awaitable<void> KafkaConsumer::leave(Deadline deadline) {
  if (leaving_) co_return;
  leaving_ = true;
  if (!changes_.empty()) disown();  // nobody will accept it
  changes_.clear();
  const rd::Error refused(rd_kafka_consumer_close_queue(handle_.get(), closing_.get()));
  if (refused) say(settings_, Severity::Warning, rd_kafka_error_string(refused.get()));
  while (!refused && rd_kafka_consumer_closed(handle_.get()) == 0 &&
         std::chrono::steady_clock::now() < deadline) {
    const Deadline next_look = std::min(deadline, within(between_looks));
    co_await wakeup_.wait(next_look);
  }
}

std::optional<std::string> KafkaConsumer::fatal() const {
  std::string why = rd::fatal_error(handle_.get());
  if (why.empty()) return std::nullopt;
  return why;
}

}  // namespace aftercall::bus
