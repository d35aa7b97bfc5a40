// A group member's coming and going.
#include <algorithm>
#include <chrono>

#include "bus/kafka_consumer.hpp"
#include "bus/metadata.hpp"
#include "bus/partition_list.hpp"

namespace aftercall::bus {
namespace {

constexpr std::chrono::milliseconds between_looks{20};
// Then librdkafka asks for itself.
constexpr std::chrono::milliseconds asking_within{5000};

}  // namespace

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

// librdkafka would ask by itself, but not tell: and lag can be told only by who knows the start. Not by a
// question of its admin's: 2.0.2 aborts the process when the coordinator's connection is lost meanwhile.
void KafkaConsumer::ask_where_the_group_stands(const rd_kafka_topic_partition_list_t& assigned) {
  taken_away_ = false;
  if (assigned.cnt == 0) {
    changes_.emplace_back(Assigned{});
    return;
  }
  asking_ = partitions_of(assigned);
  const std::uint64_t number = ++questions_;
  const Deadline deadline = within(asking_within);
  offload_.start(
      [this, partitions = asking_, deadline] {
        return committed_of(handle_.get(), own_.topic, partitions, offload_, deadline).value_or(Offsets());
      },
      [this, number](Offsets committed) { told_where_the_group_stands(number, std::move(committed)); });
}

void KafkaConsumer::told_where_the_group_stands(std::uint64_t question, Offsets committed) {
  // Another assignment has come, or this one was taken away, since we asked.
  if (asking_.empty() || question != questions_ || leaving_) return;
  changes_.emplace_back(Assigned{std::exchange(asking_, {}), std::move(committed)});
  wakeup_.notify();
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

}  // namespace aftercall::bus
