#include "control/config.hpp"

#include "http/url.hpp"

namespace aftercall::control {
namespace {

void read_listening(config::Table table, Listening& listen) {
  table.read("address", listen.address);
  table.read("port", listen.port);
  table.read("advertise", listen.advertise);
  table.read("cert_file", listen.cert_file);
  table.read("key_file", listen.key_file);
  table.read("ca_file", listen.ca_file);
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
  const bool usual = address == "localhost" || address == "::1" || address.starts_with("127.");
  return usual && http::is_loopback(address);
}

Result<Config> parse_config(const config::Tree& tree) {
  Config config;
  config.kafka = process::read_kafka(tree, "control");
  config.http = process::read_http(tree);
  read_listening(tree.root().table("grpc"), config.listen);
  tree.root().table("secrets").require("key_ring", config.key_ring);
  tree.root().table("view").read("file", config.view_file);
  auto crm = tree.root().table("crm");
  // Developers only: lets a connection lead to this machine.
  crm.read("allow_loopback", config.rules.allow_loopback);
  if (crm.read("probe_every", config.probe_every) && config.probe_every <= std::chrono::milliseconds(0))
    crm.wrong("probe_every", "must be more than nothing");
  if (auto right = tree.finish(); !right) return tl::unexpected(right.error());
  return config;
}

}  // namespace aftercall::control
