// A group member's commits.
#include <algorithm>
#include <chrono>

#include "bus/kafka_consumer.hpp"
#include "bus/partition_list.hpp"

namespace aftercall::bus {
namespace {

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
  const rd::Partitions list = list_of(own_.topic, offsets);
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
  if (waiting == committing_.end()) return;  // too late; by now it may speak of an earlier assignment
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) committer_.accepted(offsets);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
    waiting->second.answer(Result<void>());
  else
    waiting->second.answer(tl::unexpected(rd::failure_of(error, "committing " + own_.topic)));
  committing_.erase(waiting);
}

}  // namespace aftercall::bus
