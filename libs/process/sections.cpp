#include "process/sections.hpp"

#include <utility>

#include "telemetry/log.hpp"

namespace aftercall::process {

namespace {

// A wrong property is told with its own line, what else is wrong with the section's.
void note(config::Table& kafka, config::Table& security, std::string what) {
  constexpr std::string_view section = "security.";
  const auto end = what.find(": ");
  if (!what.starts_with(section) || end == std::string::npos) return kafka.wrong("", std::move(what));
  security.wrong(what.substr(section.size(), end - section.size()), what.substr(end + 2));
}

}  // namespace

Kafka read_kafka(const config::Tree& tree, std::string_view process) {
  Kafka kafka;
  kafka.bus.client_id = process;
  auto table = tree.root().table("kafka");
  table.require("brokers", kafka.bus.bootstrap);
  table.read("client_id", kafka.bus.client_id);
  table.read("topic_prefix", kafka.topics.prefix);
  table.read("topic_version", kafka.topics.version);
  auto security = table.table("security");
  for (const auto& name : security.keys()) {
    Secret value;
    if (security.read(name, value)) kafka.bus.security[name] = value;
  }
  for (auto& what : bus::check(kafka.bus)) note(table, security, std::move(what));
  return kafka;
}

bus::Settings with_log(bus::Settings settings) {
  settings.log = [](bus::Severity severity, std::string_view what) {
    if (severity == bus::Severity::Error || severity == bus::Severity::Warning)
      log::warn("kafka", {{"says", what}});
  };
  return settings;
}

http::ClientSettings read_http(const config::Tree& tree) {
  http::ClientSettings settings;
  auto table = tree.root().table("http");
  table.read("ca_file", settings.ca_file);
  table.read("connect", settings.connect);
  table.read("total", settings.total);
  table.read("plain_http_anywhere", settings.plain_http_anywhere);
  return settings;
}

StageSettings read_stage(const config::Tree& tree, std::string_view name, Flow flow) {
  StageSettings settings;
  settings.kafka = read_kafka(tree, name);
  auto& stage = settings.stage;
  stage.name = name;
  stage.topics = settings.kafka.topics;
  stage.input = flow.from;
  stage.outputs = std::move(flow.to);
  auto table = tree.root().table("stage");
  table.read("slots", stage.bounds.slots);
  table.read("lane_slots", stage.bounds.lane.slots);
  table.read("units", stage.bounds.units);
  table.read_bytes("memory", stage.bounds.bytes);
  table.read("instance", stage.instance);
  std::string in_hand;
  if (table.read("in_hand", in_hand)) stage.in_hand = in_hand;
  return settings;
}

}  // namespace aftercall::process
