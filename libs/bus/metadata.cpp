#include "bus/metadata.hpp"

#include <algorithm>
#include <span>
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

// The first partition that has trouble of its own, else the first: who reads of a failure wants a name.
std::string name_of(const rd_kafka_topic_partition_list_t& list) {
  const std::span<const rd_kafka_topic_partition_t> all(list.elems, static_cast<std::size_t>(list.cnt));
  const auto bad = std::find_if(all.begin(), all.end(), [](const rd_kafka_topic_partition_t& each) {
    return each.err != RD_KAFKA_RESP_ERR_NO_ERROR;
  });
  const auto& named = bad != all.end() ? *bad : all.front();
  return std::string(named.topic) + "[" + std::to_string(named.partition) + "]";
}

rd_kafka_resp_err_t ask_offsets(rd_kafka_t* handle, rd_kafka_topic_partition_list_t& list, std::int64_t time,
                                int timeout) {
  const std::span<rd_kafka_topic_partition_t> all(list.elems, static_cast<std::size_t>(list.cnt));
  for (auto& each : all) {
    each.offset = time;
    each.err = RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  const rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(handle, &list, timeout);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  const auto bad = std::find_if(all.begin(), all.end(), [](const rd_kafka_topic_partition_t& each) {
    return each.err != RD_KAFKA_RESP_ERR_NO_ERROR;
  });
  return bad != all.end() ? bad->err : error;
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

Places places_of(const std::string& topic, int partitions) {
  Places places;
  for (int partition = 0; partition < partitions; ++partition) places.emplace_back(topic, partition);
  return places;
}

Result<std::vector<std::int64_t>> offsets_at(rd_kafka_t* handle, const Places& places, std::int64_t time,
                                             const Offload& offload, Deadline deadline) {
  if (places.empty()) return std::vector<std::int64_t>();
  const rd::Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const auto& [topic, partition] : places)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  while (const int slice = offload.slice(deadline)) {
    error = ask_offsets(handle, *list, time, slice);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || !may_pass(error)) break;
    offload.pause(between_tries);
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected(rd::failure_of(error, "asking for offsets of " + name_of(*list)));
  std::vector<std::int64_t> offsets;
  std::for_each(list->elems, list->elems + list->cnt,
                [&](const rd_kafka_topic_partition_t& each) { offsets.push_back(each.offset); });
  return offsets;
}

Result<std::vector<Ends>> ends_of(rd_kafka_t* handle, const Places& places, const Offload& offload,
                                  Deadline deadline) {
  const auto first = offsets_at(handle, places, RD_KAFKA_OFFSET_BEGINNING, offload, deadline);
  if (!first) return tl::unexpected(first.error());
  const auto next = offsets_at(handle, places, RD_KAFKA_OFFSET_END, offload, deadline);
  if (!next) return tl::unexpected(next.error());
  std::vector<Ends> ends;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if ((*first)[i] < 0 || (*next)[i] < 0)
      return fail(Cause::Unreachable, "Kafka did not tell the ends of " + places[i].first);
    ends.push_back({(*first)[i], (*next)[i]});
  }
  return ends;
}

Result<Offsets> committed_of(rd_kafka_t* handle, const std::string& topic, const std::vector<int>& partitions,
                             const Offload& offload, Deadline deadline) {
  const rd::Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const int partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  while (const int slice = offload.slice(deadline)) {
    error = rd_kafka_committed(handle, list.get(), slice);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return offsets_of(*list);
    if (!may_pass(error)) break;
    offload.pause(between_tries);
  }
  return tl::unexpected(rd::failure_of(error, "asking where the group stands in " + topic));
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
