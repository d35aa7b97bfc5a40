#include <algorithm>
#include <numeric>
#include <span>

#include "bus/admin_requests.hpp"
#include "bus/assignment.hpp"
#include "bus/metadata.hpp"

namespace aftercall::bus::request {
namespace {

constexpr std::chrono::milliseconds between_tries{20};

using Groups = std::unique_ptr<const rd_kafka_group_list, rd::With<rd_kafka_group_list_destroy>>;

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

// Its members, when one of the brokers knows the group. A broker that is down makes the answer partial.
Result<std::vector<GroupMember>> members_in(const rd_kafka_group_list& list, const std::string& topic,
                                            const std::string& doing) {
  std::vector<GroupMember> members;
  for (const auto& group : std::span(list.groups, static_cast<std::size_t>(list.group_cnt))) {
    if (group.err != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(group.err, nullptr, doing);
    for (const auto& one : std::span(group.members, static_cast<std::size_t>(group.member_cnt))) {
      const std::string_view assignment(static_cast<const char*>(one.member_assignment),
                                        static_cast<std::size_t>(one.member_assignment_size));
      members.push_back({one.client_id, one.client_host, assigned_in(assignment, topic)});
    }
  }
  return members;
}

}  // namespace

// Neither members() nor committed() by the admin's own requests: librdkafka 2.0.2 ends the process when such
// a question to a group's coordinator finds its connection lost, or is told that another broker coordinates
// now.
Result<std::vector<GroupMember>> members(const Asker& asker, const std::string& group,
                                         const std::string& topic) {
  const std::string doing = "describing the group " + group;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  while (const int slice = asker.offload->slice(asker.deadline)) {
    const rd_kafka_group_list* raw = nullptr;
    error = rd_kafka_list_groups(asker.handle, group.c_str(), &raw, slice);
    const Groups list(raw);
    const bool answered = error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__PARTIAL;
    if (answered && list) return members_in(*list, topic, doing);
    if (kind_of(rd::failure_of(error, "").cause) != Kind::Transient) break;
    asker.offload->pause(between_tries);
  }
  return failed(error, nullptr, doing);
}

Result<Offsets> committed(const Asker& asker, const std::string& topic) {
  const Result<int> count = partitions_of(asker, topic);
  if (!count) return tl::unexpected(count.error());
  std::vector<int> partitions(static_cast<std::size_t>(*count));
  std::iota(partitions.begin(), partitions.end(), 0);
  return committed_of(asker.handle, topic, partitions, *asker.offload, asker.deadline);
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
