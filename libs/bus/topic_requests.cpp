#include <array>
#include <span>

#include "bus/admin_requests.hpp"
#include "bus/refusal.hpp"

namespace aftercall::bus::request {
namespace {

constexpr std::chrono::milliseconds between_tries{20};

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, rd::With<rd_kafka_NewTopic_destroy>>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, rd::With<rd_kafka_ConfigResource_destroy>>;

Result<rd::Metadata> metadata(const Asker& asker) {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  std::string reason;
  while (const int slice = asker.offload->slice(asker.deadline)) {
    const rd_kafka_metadata_t* found = nullptr;
    error = rd_kafka_metadata(asker.handle, 1, nullptr, &found, slice);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return rd::Metadata(found);
    const Failure failure = rd::failure_of(error, "");
    if (kind_of(failure.cause) != Kind::Transient) break;
    Heard heard = hear(asker.handle);
    if (heard.refusal) return tl::unexpected(std::move(*heard.refusal));
    if (!heard.last.empty()) reason = std::move(heard.last);
  }
  return failed(error, reason.c_str(), "asking for the topics");
}

}  // namespace

Result<FoundTopics> topics(const Asker& asker) {
  const Result<rd::Metadata> found = metadata(asker);
  if (!found) return tl::unexpected(found.error());
  FoundTopics topics;
  const auto count = static_cast<std::size_t>((*found)->topic_cnt);
  for (const rd_kafka_metadata_topic_t& topic : std::span((*found)->topics, count))
    topics[topic.topic] = {topic.partition_cnt,
                           topic.partition_cnt > 0 ? topic.partitions[0].replica_cnt : 0};
  return topics;
}

Result<int> broker(const Asker& asker) {
  const Result<rd::Metadata> found = metadata(asker);
  if (!found) return tl::unexpected(found.error());
  if ((*found)->broker_cnt == 0) return fail(Cause::Unreachable, "Kafka's metadata names no broker");
  return (*found)->brokers[0].id;
}

Result<Created> create(const Asker& asker, const TopicSpec& topic) {
  const std::string doing = "creating the topic " + topic.name;
  std::array<char, 512> why{};
  NewTopic wanted(
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication, why.data(), why.size()));
  if (!wanted) return fail(Cause::SetupIncomplete, doing + ": " + why.data());
  for (const auto& [name, value] : topic.config)
    rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
  const Result<rd::Event> event =
      ask(asker, RD_KAFKA_ADMIN_OP_CREATETOPICS, doing, [&](const auto* options, auto* queue) {
        rd_kafka_NewTopic_t* one = wanted.get();
        rd_kafka_CreateTopics(asker.handle, &one, 1, options, queue);
      });
  if (!event) return tl::unexpected(event.error());
  std::size_t count = 0;
  const auto* const* const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  for (const auto* result : std::span(results, count)) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(result);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return Created::Before;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return failed(error, rd_kafka_topic_result_error_string(result), doing);
  }
  return Created::Now;
}

Result<FoundTopic> await_topic(const Asker& asker, const std::string& name) {
  while (asker.offload->slice(asker.deadline) > 0) {
    const auto all = topics(asker);
    if (!all) return tl::unexpected(all.error());
    if (const auto found = all->find(name); found != all->end() && found->second.partitions > 0)
      return found->second;
    asker.offload->pause(between_tries);
  }
  return fail(Cause::Timeout, "the topic " + name + " was created, but the brokers do not tell of it");
}

Result<Config> config_of(const Asker& asker, rd_kafka_ResourceType_t kind, const std::string& name) {
  const std::string doing = "reading the configuration of " + name;
  const Resource resource(rd_kafka_ConfigResource_new(kind, name.c_str()));
  const Result<rd::Event> event =
      ask(asker, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, doing, [&](const auto* options, auto* queue) {
        rd_kafka_ConfigResource_t* one = resource.get();
        rd_kafka_DescribeConfigs(asker.handle, &one, 1, options, queue);
      });
  if (!event) return tl::unexpected(event.error());
  std::size_t count = 0;
  const auto* const* const results =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  Config config;
  for (const auto* result : std::span(results, count)) {
    if (rd_kafka_ConfigResource_error(result) != RD_KAFKA_RESP_ERR_NO_ERROR)
      return failed(rd_kafka_ConfigResource_error(result), rd_kafka_ConfigResource_error_string(result),
                    doing);
    std::size_t entries = 0;
    const auto* const* const configs = rd_kafka_ConfigResource_configs(result, &entries);
    for (const auto* entry : std::span(configs, entries)) {
      const char* value = rd_kafka_ConfigEntry_value(entry);
      config[rd_kafka_ConfigEntry_name(entry)] = value == nullptr ? "" : value;
    }
  }
  return config;
}

}  // namespace aftercall::bus::request
