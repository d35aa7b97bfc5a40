#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "bus/consumer.hpp"
#include "bus/rdkafka.hpp"

// librdkafka's lists of partitions, and ours.
namespace aftercall::bus {

std::vector<int> partitions_of(const rd_kafka_topic_partition_list_t& list);
Offsets offsets_of(const rd_kafka_topic_partition_list_t& list);  // of the partitions that have a valid one
rd::Partitions list_of(const std::string& topic, const Offsets& offsets);

// The pointer that librdkafka carries for us and nobody follows.
void* opaque_of(std::uintptr_t number);

}  // namespace aftercall::bus
