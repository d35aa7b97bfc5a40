#pragma once
#include <map>
#include <string>
#include <vector>

#include "bus/admin.hpp"
#include "bus/asker.hpp"

// The admin's requests to Kafka, one by one. All of them block: for the offload's thread.
namespace aftercall::bus::request {

struct FoundTopic {
  int partitions = 0, replication = 0;
};
using FoundTopics = std::map<std::string, FoundTopic>;
using Config = std::map<std::string, std::string>;

Result<FoundTopics> topics(const Asker& asker);
Result<int> broker(const Asker& asker);  // the id of any
// Another may have made it since the topics were asked for, or the broker that was asked did not know it yet.
enum class Created { Now, Before };
Result<Created> create(const Asker& asker, const TopicSpec& topic);
Result<FoundTopic> await_topic(const Asker& asker, const std::string& name);  // until the broker tells of it
Result<Config> config_of(const Asker& asker, rd_kafka_ResourceType_t kind, const std::string& name);
Result<std::vector<GroupMember>> members(const Asker& asker, const std::string& group,
                                         const std::string& topic);
// Where the group stands that the asker's handle is one of.
Result<Offsets> committed(const Asker& asker, const std::string& topic);
Result<std::vector<Lag>> lag(const Asker& asker, const std::string& topic, const Offsets& committed);
Result<Offsets> offsets_at(const Asker& asker, const std::string& topic,
                           std::chrono::system_clock::time_point time);
// When the first uncommitted record was published.
Result<std::optional<std::chrono::system_clock::time_point>> oldest(const Asker& asker,
                                                                    const std::string& topic,
                                                                    const std::vector<Lag>& lag);

}  // namespace aftercall::bus::request
