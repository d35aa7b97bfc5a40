#include "bus/partition_list.hpp"

#include <algorithm>

namespace aftercall::bus {

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

rd::Partitions list_of(const std::string& topic, const Offsets& offsets) {
  rd::Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  return list;
}

void* opaque_of(std::uintptr_t number) {
  return reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace aftercall::bus
