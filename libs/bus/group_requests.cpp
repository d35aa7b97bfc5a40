#include <algorithm>
#include <span>

#include "bus/admin_requests.hpp"
#include "bus/metadata.hpp"

namespace aftercall::bus::request {
namespace {

using GroupOffsets =
    std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, rd::With<rd_kafka_ListConsumerGroupOffsets_destroy>>;

std::span<const rd_kafka_topic_partition_t> each(const rd_kafka_topic_partition_list_t* list) {
  if (list == nullptr) return {};
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}

Result<int> partitions_of(const Asker& asker, const std::string& topic) {
  const rd::Topic handle(rd_kafka_topic_new(asker.handle, topic.c_str(), nullptr));
  return count_partitions(asker.handle, handle.get(), *asker.offload, asker.deadline);
}

// Starts to read the partitions that have something left, from there; these are answered.
std::vector<int> read_what_waits(rd_kafka_topic_t* topic, const std::vector<Lag>& lag,
                                 rd_kafka_queue_t* queue) {
  std::vector<int> reading;
  for (const Lag& each : lag) {
    const std::int64_t from = std::max(each.committed.value_or(0), each.first.value_or(0));
    if (each.events() > 0 && rd_kafka_consume_start_queue(topic, each.partition, from, queue) == 0)
      reading.push_back(each.partition);
  }
  return reading;
}

const rd_kafka_message_t* record_in(rd_kafka_event_t* event) {
  if (event == nullptr || rd_kafka_event_type(event) != RD_KAFKA_EVENT_FETCH) return nullptr;
  const rd_kafka_message_t* const message = rd_kafka_event_message_next(event);
  return message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? message : nullptr;
}

// librdkafka 2.0.2 aborts the process when a question to a group's coordinator finds its connection lost: it
// frees what the request's failure then uses. So Kafka must have answered something just before.
Result<void> answers_now(const Asker& asker, const std::string& topic) {
  const Result<int> count = partitions_of(asker, topic);
  if (!count) return tl::unexpected(count.error());
  return {};
}

}  // namespace

Result<std::vector<GroupMember>> members(const Asker& asker, const std::string& group,
                                         const std::string& topic) {
  const std::string doing = "describing the group " + group;
  if (const auto there = answers_now(asker, topic); !there) return tl::unexpected(there.error());
  const Result<rd::Event> event =
      ask(asker, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, doing, [&](const auto* options, auto* queue) {
        const char* name = group.c_str();
        rd_kafka_DescribeConsumerGroups(asker.handle, &name, 1, options, queue);
      });
  if (!event) return tl::unexpected(event.error());
  std::vector<GroupMember> members;
  std::size_t count = 0;
  const auto* const* const groups = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event->get()), &count);
  for (const auto* found : std::span(groups, count)) {
    const auto* const error = rd_kafka_ConsumerGroupDescription_error(found);
    if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
      return failed(rd_kafka_error_code(error), rd_kafka_error_string(error), doing);
    for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(found); ++i) {
      const auto* const member = rd_kafka_ConsumerGroupDescription_member(found, i);
      GroupMember& one = members.emplace_back(GroupMember{
          rd_kafka_MemberDescription_client_id(member), rd_kafka_MemberDescription_host(member), {}});
      const auto* const assignment = rd_kafka_MemberDescription_assignment(member);
      for (const auto& place : each(rd_kafka_MemberAssignment_partitions(assignment)))
        if (place.topic == topic) one.partitions.push_back(place.partition);
    }
  }
  return members;
}

Result<Offsets> committed(const Asker& asker, const std::string& group, const std::string& topic) {
  const std::string doing = "asking where the group " + group + " stands";
  if (const auto there = answers_now(asker, topic); !there) return tl::unexpected(there.error());
  const GroupOffsets question(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  const Result<rd::Event> event =
      ask(asker, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, doing, [&](const auto* options, auto* queue) {
        rd_kafka_ListConsumerGroupOffsets_t* one = question.get();
        rd_kafka_ListConsumerGroupOffsets(asker.handle, &one, 1, options, queue);
      });
  if (!event) return tl::unexpected(event.error());
  Offsets offsets;
  std::size_t count = 0;
  const auto* const* const groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event->get()), &count);
  for (const auto* found : std::span(groups, count)) {
    if (const auto* const error = rd_kafka_group_result_error(found))
      return failed(rd_kafka_error_code(error), rd_kafka_error_string(error), doing);
    for (const auto& place : each(rd_kafka_group_result_partitions(found)))
      if (place.topic == topic && place.offset >= 0) offsets[place.partition] = place.offset;
  }
  return offsets;
}

Result<std::vector<Lag>> lag(const Asker& asker, const std::string& topic, const Offsets& committed) {
  const Result<int> count = partitions_of(asker, topic);
  if (!count) return tl::unexpected(count.error());
  std::vector<Lag> all;
  const auto ends = ends_of(asker.handle, places_of(topic, *count), *asker.offload, asker.deadline);
  if (!ends) return tl::unexpected(ends.error());
  for (int partition = 0; partition < *count; ++partition) {
    const Ends& found = (*ends)[static_cast<std::size_t>(partition)];
    const auto place = committed.find(partition);
    Lag& one = all.emplace_back(Lag{partition, found.first, std::nullopt, found.next});
    if (place != committed.end()) one.committed = place->second;
  }
  return all;
}

Result<Offsets> offsets_at(const Asker& asker, const std::string& topic,
                           std::chrono::system_clock::time_point time) {
  const Result<int> count = partitions_of(asker, topic);
  if (!count) return tl::unexpected(count.error());
  const Places places = places_of(topic, *count);
  const auto moment = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const auto found = bus::offsets_at(asker.handle, places, moment, *asker.offload, asker.deadline);
  if (!found) return tl::unexpected(found.error());
  const auto ends = ends_of(asker.handle, places, *asker.offload, asker.deadline);
  if (!ends) return tl::unexpected(ends.error());
  Offsets offsets;
  for (std::size_t i = 0; i < places.size(); ++i)
    offsets[places[i].second] = (*found)[i] >= 0 ? (*found)[i] : (*ends)[i].next;
  return offsets;
}

Result<std::optional<std::chrono::system_clock::time_point>> oldest(const Asker& asker,
                                                                    const std::string& topic,
                                                                    const std::vector<Lag>& lag) {
  const rd::Topic handle(rd_kafka_topic_new(asker.handle, topic.c_str(), nullptr));
  const rd::Queue queue(rd_kafka_queue_new(asker.handle));
  const std::vector<int> reading = read_what_waits(handle.get(), lag, queue.get());
  std::optional<std::chrono::system_clock::time_point> oldest;
  std::vector<int> missing = reading;
  while (const int slice = missing.empty() ? 0 : asker.offload->slice(asker.deadline)) {
    const rd::Event event(rd_kafka_queue_poll(queue.get(), slice));
    const rd_kafka_message_t* const message = record_in(event.get());
    if (message == nullptr || std::erase(missing, message->partition) == 0) continue;
    const auto time = rd::record_of(*message).time;
    oldest = std::min(oldest.value_or(time), time);
  }
  for (const int partition : reading) rd_kafka_consume_stop(handle.get(), partition);
  if (!missing.empty())
    return failed(RD_KAFKA_RESP_ERR__TIMED_OUT, nullptr, "reading what waits in " + topic);
  return oldest;
}

}  // namespace aftercall::bus::request
