#include <chrono>
#include <iostream>
#include <set>

#include "kafka.hpp"
#include "times.hpp"
#include "verbs.hpp"

namespace load {
namespace {

constexpr std::size_t sessions_recorded = 32;
constexpr int tail = 60;  // records a partition: some hundred sessions
constexpr auto patience = std::chrono::seconds(20);

struct Topic {
  std::string name;
  std::map<std::uint32_t, std::vector<Stored>> sessions;
};

Stored stored_of(const rd_kafka_message_t& message, const std::string& topic) {
  Stored record{topic,
                std::string(static_cast<const char*>(message.key), message.key_len),
                std::string(static_cast<const char*>(message.payload), message.len),
                {}};
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
  return record;
}

std::size_t bytes_of(const Stored& record) {
  auto bytes = record.key.size() + record.value.size();
  for (const auto& [name, value] : record.headers) bytes += name.size() + value.size();
  return bytes;
}

// The end of each of the topic's partitions.
Topic read_tail(rd_kafka_t* consumer, const std::string& prefix, const std::string& name) {
  Topic topic{name, {}};
  const auto whole = prefix + name;
  rd_kafka_topic_t* handle = rd_kafka_topic_new(consumer, whole.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(consumer, 0, handle, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error("no metadata of " + whole);
  const int partitions = metadata->topics[0].partition_cnt;
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
  std::map<int, std::int64_t> ends;
  for (int i = 0; i < partitions; ++i) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    rd_kafka_query_watermark_offsets(consumer, whole.c_str(), i, &low, &high, 10'000);
    if (high == low) continue;
    ends[i] = high;
    rd_kafka_topic_partition_list_add(list, whole.c_str(), i)->offset = std::max(low, high - tail);
  }
  rd_kafka_assign(consumer, list);
  rd_kafka_topic_partition_list_destroy(list);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!ends.empty() && std::chrono::steady_clock::now() < until) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const auto record = stored_of(*message, name);
      if (const auto number = number_after_mark(record.key)) topic.sessions[*number].push_back(record);
      const auto end = ends.find(message->partition);
      if (end != ends.end() && message->offset + 1 >= end->second) ends.erase(end);
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_assign(consumer, nullptr);
  return topic;
}

// A session whose records of this topic may have begun before the tail has fewer than others.
std::set<std::uint32_t> whole_in(const std::vector<Topic>& topics) {
  std::set<std::uint32_t> whole;
  for (const auto& [number, records] : topics.front().sessions) whole.insert(number);
  for (const auto& topic : topics) {
    std::size_t most = 0;
    for (const auto& [number, records] : topic.sessions) most = std::max(most, records.size());
    std::erase_if(whole, [&](std::uint32_t number) {
      const auto found = topic.sessions.find(number);
      return found == topic.sessions.end() || found->second.size() < most;
    });
  }
  return whole;
}

}  // namespace

// Writes for each topic the records of some sessions, and tells their number and bytes a session.
int record(const Arguments& arguments) {
  const auto prefix = arguments.of("prefix");
  char why[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", arguments.of("brokers").c_str(), why, sizeof why);
  rd_kafka_conf_set(conf, "group.id", "aftercall-load-record", why, sizeof why);
  rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  rd_kafka_poll_set_consumer(consumer);
  std::vector<Topic> topics;
  for (const auto& name : arguments.all("topic")) topics.push_back(read_tail(consumer, prefix, name));
  const auto whole = whole_in(topics);
  if (whole.empty()) throw std::runtime_error("no session has its records in all topics");
  std::cout << '{';
  for (const auto& topic : topics) {
    Sets sets;
    std::size_t bytes = 0;
    for (const auto number : whole) {
      if (sets.size() == sessions_recorded) break;
      sets.push_back(topic.sessions.at(number));
      for (const auto& each : sets.back()) bytes += bytes_of(each);
    }
    save(arguments.of("out") + "/" + topic.name, sets);
    if (&topic != &topics.front()) std::cout << ',';
    std::cout << '"' << topic.name << "\":{\"records\":" << sets.front().size()
              << ",\"bytes\":" << bytes / sets.size() << '}';
  }
  std::cout << '}' << std::endl;
  std::quick_exit(0);
}

}  // namespace load
