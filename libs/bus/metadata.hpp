#pragma once
#include <string>
#include <vector>

#include "bus/consumer.hpp"
#include "bus/offload.hpp"
#include "bus/rdkafka.hpp"
#include "domain/failure.hpp"

namespace aftercall::bus {

// Blocks: for the offload's thread. Waits until every partition has a leader, so that what follows need not.
Result<int> count_partitions(rd_kafka_t* handle, rd_kafka_topic_t* topic, const Offload& offload,
                             Deadline deadline);

// Blocks: the first offset of a partition, and the one after its last.
struct Ends {
  std::int64_t first = 0, next = 0;
};
Result<Ends> ends_of(rd_kafka_t* handle, const std::string& topic, int partition, const Offload& offload,
                     Deadline deadline);

// Blocks: where the group of this consumer stands; nothing for a partition without a place, or when nobody
// told by the deadline.
Offsets committed_of(rd_kafka_t* handle, const std::string& topic, const std::vector<int>& partitions,
                     const Offload& offload, Deadline deadline);

// Blocks: the id that the cluster was given when its storage was formatted.
Result<std::string> cluster_of(rd_kafka_t* handle, const Offload& offload, Deadline deadline);

}  // namespace aftercall::bus
