#include "ingest/config.hpp"

#include <boost/asio/ip/address.hpp>

namespace aftercall::ingest {
namespace {

bool on_this_machine_only(const std::string& address) {
  boost::system::error_code no_address;  // the server will say so
  const auto parsed = boost::asio::ip::make_address(address, no_address);
  return no_address || parsed.is_loopback();
}

}  // namespace

Result<Config> parse_config(const config::Tree& tree) {
  Config config;
  config.kafka = process::read_kafka(tree, "ingest");
  config.http.port = 8080;
  bool tls_ends_before = false;
  auto listen = tree.root().table("listen");
  listen.read("address", config.http.address);
  listen.read("port", config.http.port);
  listen.read("port_file", config.port_file);
  listen.read("connections", config.http.connections);
  listen.read("cert_file", config.http.cert_file);
  listen.read("key_file", config.http.key_file);
  listen.read("tls_ends_before", tls_ends_before);
  if (config.http.cert_file.empty() != config.http.key_file.empty())
    listen.wrong("", "cert_file and key_file belong together");
  if (config.http.cert_file.empty() && !tls_ends_before && !on_this_machine_only(config.http.address))
    listen.wrong("address",
                 "needs cert_file and key_file, or tls_ends_before = true if a proxy ends TLS before us");
  if (const auto right = tree.finish(); !right) return tl::unexpected(right.error());
  return config;
}

}  // namespace aftercall::ingest
