#pragma once
#include <string>

#include "config/tree.hpp"
#include "domain/failure.hpp"
#include "http/server.hpp"
#include "process/sections.hpp"

namespace aftercall::ingest {

struct Config {
  process::Kafka kafka;       // [kafka], as every process has it
  http::ServerSettings http;  // [listen] address, port, connections, cert_file and key_file (both: TLS)
  std::string port_file;      // [listen] gets the port, for port = 0: the system chooses one
};

// Keys in plain text travel on this machine only, unless a proxy in front of us ends TLS and the settings say
// so: [listen] tls_ends_before = true.
Result<Config> parse_config(const config::Tree& tree);

}  // namespace aftercall::ingest
