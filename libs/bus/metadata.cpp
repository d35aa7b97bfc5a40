#include "bus/metadata.hpp"

#include <algorithm>
#include <string>

#include "bus/partition_list.hpp"

namespace aftercall::bus {
namespace {

constexpr std::chrono::milliseconds between_tries{20};

// What a try found: a count, why to try again, or why never to.
struct Found {
  int partitions = 0;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

Found look(rd_kafka_t* handle, rd_kafka_topic_t* topic, int timeout) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(handle, 0, topic, &raw, timeout);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return {0, error};
  const rd::Metadata metadata(raw);
  if (metadata->topic_cnt != 1) return {0, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART};
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return {0, found.err};
  const bool led = std::all_of(found.partitions, found.partitions + found.partition_cnt,
                               [](const rd_kafka_metadata_partition_t& each) { return each.leader >= 0; });
  if (!led) return {0, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE};
  return {found.partition_cnt};
}

bool may_pass(rd_kafka_resp_err_t error) {
  return rd::failure_of(error, "").cause == Cause::Unreachable ||
         rd::failure_of(error, "").cause == Cause::Timeout;
}

}  // namespace

Result<int> count_partitions(rd_kafka_t* handle, rd_kafka_topic_t* topic, const Offload& offload,
                             Deadline deadline) {
  Found found{0, RD_KAFKA_RESP_ERR__TIMED_OUT};
  while (const int slice = offload.slice(deadline)) {
    found = look(handle, topic, slice);
    if (found.error == RD_KAFKA_RESP_ERR_NO_ERROR) return found.partitions;
    if (!may_pass(found.error)) break;
    offload.pause(between_tries);
  }
  return tl::unexpected(
      rd::failure_of(found.error, std::string("asking for the topic ") + rd_kafka_topic_name(topic)));
}

Result<Ends> ends_of(rd_kafka_t* handle, const std::string& topic, int partition, const Offload& offload,
                     Deadline deadline) {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  while (const int slice = offload.slice(deadline)) {
    Ends ends;
    error =
        rd_kafka_query_watermark_offsets(handle, topic.c_str(), partition, &ends.first, &ends.next, slice);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return ends;
    if (!may_pass(error)) break;
    offload.pause(between_tries);
  }
  return tl::unexpected(
      rd::failure_of(error, "asking for the end of " + topic + "[" + std::to_string(partition) + "]"));
}

Offsets committed_of(rd_kafka_t* handle, const std::string& topic, const std::vector<int>& partitions,
                     const Offload& offload, Deadline deadline) {
  const rd::Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const int partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  while (const int slice = offload.slice(deadline)) {
    const rd_kafka_resp_err_t error = rd_kafka_committed(handle, list.get(), slice);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return offsets_of(*list);
    if (!may_pass(error)) break;
    offload.pause(between_tries);
  }
  return {};
}

Result<std::string> cluster_of(rd_kafka_t* handle, const Offload& offload, Deadline deadline) {
  while (const int slice = offload.slice(deadline)) {
    char* const found = rd_kafka_clusterid(handle, slice);
    if (found == nullptr) continue;
    std::string cluster = found;
    rd_kafka_mem_free(handle, found);
    return cluster;
  }
  return fail(Cause::Timeout, "Kafka did not tell its cluster's id");
}

}  // namespace aftercall::bus
