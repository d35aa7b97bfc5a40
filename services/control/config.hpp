#pragma once
#include <chrono>
#include <string>

#include "config/tree.hpp"
#include "crm/connector.hpp"
#include "http/client.hpp"
#include "process/sections.hpp"

namespace aftercall::control {

// Where the API is offered.
struct Listening {
  std::string address = "127.0.0.1";  // plain text there; anywhere else cert_file and key_file are needed
  unsigned short port = 9090;         // 0: the system chooses
  std::string advertise;              // host:port for other instances and people; "" = address and port
  std::string cert_file;              // PEM chain
  std::string key_file;
  std::string ca_file;      // to reach other instances; empty: those on loopback only
  std::string tokens_file;  // who may call (authorize.hpp)
  std::string port_file;    // gets the port, when the system chooses
};

// Whether nobody but this machine can reach who listens there. "Any address" is not loopback.
bool only_loopback(const std::string& address);

struct Config {
  process::Kafka kafka;
  http::ClientSettings http;
  Listening listen;
  std::string key_ring;  // file (sign_in/seal.hpp)
  crm::AddressRules rules;
  std::chrono::milliseconds probe_every{std::chrono::minutes(15)};  // accounts for which something is blocked
  std::string view_file;  // the session view, rebuilt when it is not there; "" keeps it in memory
  std::string group() const { return kafka.topics.prefix + "control"; }
};

Result<Config> parse_config(const config::Tree& tree);

}  // namespace aftercall::control
