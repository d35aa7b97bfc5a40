#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bus/answer.hpp"
#include "bus/memory.hpp"
#include "bus/wakeup.hpp"

namespace aftercall::bus {

struct MemoryPartition {
  std::vector<Record> records;  // ascending offsets, with gaps after compaction
  std::int64_t next = 0;

  // The first record at or after an offset.
  const Record* at(std::int64_t offset) const;
};

struct MemoryTopic {
  TopicSpec spec;
  std::vector<MemoryPartition> partitions;
};

// One member, as its group sees it.
struct MemoryMember {
  explicit MemoryMember(const asio::any_io_executor& executor) : wakeup(executor) {}

  std::deque<Change> changes;
  std::vector<int> partitions;
  bool joined = false;
  bool holds = false;  // was assigned and has not accepted to give back: the group waits for it
  Wakeup wakeup;
};

struct MemoryGroup {
  std::string topic;
  std::vector<MemoryMember*> members;  // in the order of joining
  Offsets committed;
};

struct MemoryBus::Broker {
  explicit Broker(asio::any_io_executor with);

  // A record that waits for the broker to answer again.
  struct Waiting {
    Draft draft;
    Answer<Result<Position>> answer;
    asio::steady_timer late;
  };

  void publish(Draft draft, Answer<Result<Position>> answer, std::chrono::milliseconds timeout);
  Result<Position> append(Draft draft);
  void notify();

  void join(const std::string& group, const std::string& topic, MemoryMember& member);
  void part(const std::string& group, MemoryMember& member);
  void rebalance(MemoryGroup& group);
  void assign_if_all_gave_back(MemoryGroup& group);

  asio::any_io_executor executor;
  std::string cluster;
  std::map<std::string, MemoryTopic> topics;
  std::map<std::string, MemoryGroup> groups;
  std::vector<Wakeup*> readers;
  std::map<std::uint64_t, Waiting> waiting;  // in the order of publishing
  std::uint64_t last_waiting = 0;
  bool is_down = false;
  std::chrono::minutes offsets_retention = least_offsets_retention;
};

}  // namespace aftercall::bus
