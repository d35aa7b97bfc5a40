#pragma once
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bus/answer.hpp"
#include "bus/client.hpp"
#include "bus/committer.hpp"
#include "bus/consumer.hpp"
#include "bus/doorbell.hpp"
#include "bus/offload.hpp"
#include "bus/wakeup.hpp"

namespace aftercall::bus {

class KafkaConsumer final : public Consumer {
 public:
  KafkaConsumer(const asio::any_io_executor& executor, Settings settings, ConsumerSettings own);

  std::optional<Change> change() override;
  void accept() override;
  std::optional<Record> take(int partition) override;
  asio::awaitable<void> activity(Deadline deadline) override;
  void commit(Offsets offsets) override;
  asio::awaitable<Result<void>> commit_now(Offsets offsets, Deadline deadline) override;
  std::vector<Lag> lag() const override;
  asio::awaitable<void> leave(Deadline deadline) override;
  std::optional<std::string> fatal() const override;

 private:
  // A commit_now() that waits. Found by number, since its answer may come after its deadline.
  struct Committing {
    Offsets offsets;
    Answer<Result<void>> answer;
    Deadline deadline;
  };

  static constexpr std::uintptr_t gathered = 0;  // the number of the committer's own requests

  bool ring();
  void serve(rd_kafka_event_t* event);
  void rebalance(rd_kafka_event_t* event);
  void ask_where_the_group_stands(const rd_kafka_topic_partition_list_t& assigned);
  void told_where_the_group_stands(std::uint64_t question, Offsets committed);
  void own(const Assigned& assigned);
  void disown();
  void send_commit(const Offsets& offsets, std::uintptr_t number);
  void committed(rd_kafka_event_t* event);
  void complain(rd_kafka_event_t* event);

  asio::any_io_executor executor_;
  Settings settings_;
  ConsumerSettings own_;
  Wakeup wakeup_;
  Doorbell doorbell_;
  rd::Handle handle_;
  rd::Queue events_;                  // everything but records
  rd::Queue closing_;                 // the same while leaving
  std::map<int, rd::Queue> records_;  // of the partitions that are ours
  std::deque<Change> changes_;
  std::vector<int> asking_;  // assigned, and we asked for the group's offsets
  std::uint64_t questions_ = 0;
  bool taken_away_ = false;  // a Revoked or Lost waits: no more records
  bool leaving_ = false;
  Committer committer_;
  std::map<std::uintptr_t, Committing> committing_;
  std::uintptr_t last_number_ = 0;
  Offload offload_;  // the first to go: its thread uses the others
};

}  // namespace aftercall::bus
