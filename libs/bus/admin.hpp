#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "bus/consumer.hpp"
#include "bus/deadline.hpp"
#include "domain/failure.hpp"

namespace aftercall::bus {

struct TopicSpec {
  std::string name;
  int partitions = 1;
  int replication = 1;
  std::map<std::string, std::string> config{};  // Kafka's names: cleanup.policy, retention.ms, …
};

struct Difference {
  std::string topic;
  std::string property;  // "partitions", "replication" or a config name
  std::string wanted, found;
};

struct TopicsReport {
  std::vector<std::string> created;
  std::vector<Difference> differences;
};

struct GroupMember {
  std::string client_id, host;
  std::vector<int> partitions;  // of the topic that was asked about
};

struct GroupState {
  std::vector<GroupMember> members;
  std::vector<Lag> lag;  // every partition of the topic, ends of now
  // When the oldest uncommitted record was published; nothing when there is none.
  std::optional<std::chrono::system_clock::time_point> oldest;
};

// A stage that stood still for a month goes on in its place: as long as its topics keep what it has not read.
inline constexpr std::chrono::minutes least_offsets_retention{43200};

// What operators ask of Kafka. Slow: each call is several requests.
class Admin {
 public:
  virtual ~Admin() = default;

  // Creates what is missing, compares what is there, alters nothing.
  virtual asio::awaitable<Result<TopicsReport>> create_or_compare(std::vector<TopicSpec> topics,
                                                                  Deadline deadline) = 0;
  // Only compares: a missing topic is a difference of the property "exists".
  virtual asio::awaitable<Result<std::vector<Difference>>> compare(std::vector<TopicSpec> topics,
                                                                   Deadline deadline) = 0;
  // How long the broker keeps the place of a group that stands still.
  virtual asio::awaitable<Result<std::chrono::minutes>> offsets_retention(Deadline deadline) = 0;
  virtual asio::awaitable<Result<GroupState>> group(std::string group, std::string topic,
                                                    Deadline deadline) = 0;
  // The offset of each partition's first record at or after a moment; the end where there is none.
  virtual asio::awaitable<Result<Offsets>> offsets_at(std::string topic,
                                                      std::chrono::system_clock::time_point time,
                                                      Deadline deadline) = 0;
};

}  // namespace aftercall::bus
