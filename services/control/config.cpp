#include "control/config.hpp"

#include "http/url.hpp"

namespace aftercall::control {
namespace {

void read_kafka(config::Table table, Config& config) {
  config.kafka.client_id = "control";
  table.require("brokers", config.kafka.bootstrap);
  table.read("client_id", config.kafka.client_id);
  table.read("topic_prefix", config.topics.prefix);
  table.read("topic_version", config.topics.version);
  auto security = table.table("security");
  for (const auto& name : security.keys()) {
    Secret value;
    if (security.read(name, value)) config.kafka.security[name] = value;
  }
  for (auto& what : bus::check(config.kafka)) table.wrong("", std::move(what));
}

void read_http(config::Table table, http::ClientSettings& settings) {
  table.read("ca_file", settings.ca_file);
  table.read("connect", settings.connect);
  table.read("total", settings.total);
  table.read("plain_http_anywhere", settings.plain_http_anywhere);
}

void read_listening(config::Table table, Listening& listen) {
  table.read("address", listen.address);
  table.read("port", listen.port);
  table.read("advertise", listen.advertise);
  table.read("cert_file", listen.cert_file);
  table.read("key_file", listen.key_file);
  table.read("port_file", listen.port_file);
  table.require("tokens_file", listen.tokens_file);
  if (listen.cert_file.empty() != listen.key_file.empty())
    table.wrong("", "cert_file and key_file belong together: give both or none");
  // Tokens and client secrets cross this connection.
  if (listen.cert_file.empty() && !only_loopback(listen.address))
    table.wrong("address", "is not loopback: give cert_file and key_file");
}

}  // namespace

bool only_loopback(const std::string& address) {
  return http::is_loopback(address) && address != "0.0.0.0" &&
         address.find_first_not_of("0:") != std::string::npos;
}

Result<Config> parse_config(const config::Tree& tree) {
  Config config;
  read_kafka(tree.root().table("kafka"), config);
  read_http(tree.root().table("http"), config.http);
  read_listening(tree.root().table("grpc"), config.listen);
  tree.root().table("secrets").require("key_ring", config.key_ring);
  // Developers only: lets a connection lead to this machine.
  tree.root().table("crm").read("allow_loopback", config.rules.allow_loopback);
  if (auto right = tree.finish(); !right) return tl::unexpected(right.error());
  return config;
}

}  // namespace aftercall::control
