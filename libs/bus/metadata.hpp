#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bus/consumer.hpp"
#include "bus/offload.hpp"
#include "bus/rdkafka.hpp"
#include "domain/failure.hpp"

namespace aftercall::bus {

// Blocks: for the offload's thread. Waits until every partition has a leader, so that what follows need not.
Result<int> count_partitions(rd_kafka_t* handle, rd_kafka_topic_t* topic, const Offload& offload,
                             Deadline deadline);

using Place = std::pair<std::string, int>;  // topic, partition
using Places = std::vector<Place>;
Places places_of(const std::string& topic, int partitions);

// Blocks: each partition's first offset at or after a moment (milliseconds), -1 where there is none. One
// question to each broker, however many partitions it leads; it waits until the handle's fetch before it is
// answered.
Result<std::vector<std::int64_t>> offsets_at(rd_kafka_t* handle, const Places& places, std::int64_t time,
                                             const Offload& offload, Deadline deadline);

// Blocks: each partition's first offset, and the one after its last, by two questions to each broker.
struct Ends {
  std::int64_t first = 0, next = 0;
};
Result<std::vector<Ends>> ends_of(rd_kafka_t* handle, const Places& places, const Offload& offload,
                                  Deadline deadline);

// Blocks: where the group of this consumer stands; nothing for a partition without a place.
Result<Offsets> committed_of(rd_kafka_t* handle, const std::string& topic, const std::vector<int>& partitions,
                             const Offload& offload, Deadline deadline);

// Blocks: the id that the cluster was given when its storage was formatted.
Result<std::string> cluster_of(rd_kafka_t* handle, const Offload& offload, Deadline deadline);

}  // namespace aftercall::bus
