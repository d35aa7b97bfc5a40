#pragma once
#include "process/sections.hpp"
#include "tenancy/lease.hpp"

namespace aftercall::crm_writer {

struct Config {
  process::Kafka kafka;
  http::ClientSettings http;
  stage::Settings stage;
  tenancy::LeaseSettings lease;
  std::string ledger_file;  // the ledger's view, this instance's alone; "" keeps it in memory
};

Result<Config> parse_config(const config::Tree& tree);

}  // namespace aftercall::crm_writer
