#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bus/settings.hpp"
#include "config/tree.hpp"
#include "http/client.hpp"
#include "stage/stage.hpp"
#include "wire/topics.hpp"

// The sections of a settings file that several processes share, so that they mean the same in each.
namespace aftercall::process {

// [kafka] brokers = "host:port,…", client_id (default: the process's name), [kafka.security] librdkafka's own
// names; topic_prefix = "aftercall.", topic_version = "v1"
struct Kafka {
  bus::Settings bus;
  wire::TopicNames topics;
};
Kafka read_kafka(const config::Tree& tree, std::string_view process);

// What Kafka's client has to say of importance goes into our log.
bus::Settings with_log(bus::Settings settings);

// [http] ca_file, connect = "5s", total = "30s", plain_http_anywhere (developers only)
http::ClientSettings read_http(const config::Tree& tree);

// What a stage reads and emits, by the topics' short names.
struct Flow {
  std::string_view from;
  std::vector<std::string> to{};
};
struct StageSettings {
  Kafka kafka;
  stage::Settings stage;
};
// [kafka], and [stage] slots, lane_slots, units, memory = "64MiB", instance, in_hand = "FILE"
StageSettings read_stage(const config::Tree& tree, std::string_view name, Flow flow);

}  // namespace aftercall::process
