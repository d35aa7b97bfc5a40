#pragma once
#include "crm_writer/doubt.hpp"
#include "process/crm_access.hpp"
#include "process/sections.hpp"

namespace aftercall::crm_writer {

struct Config {
  process::StageSettings stage;
  process::CrmSettings crm;
  std::string ledger_file;  // the ledger's view, this instance's alone; "" keeps it in memory
  Looks looks;  // [doubt] first_look = "30s", second_look = "2m"; less only with [crm] allow_loopback
};

Result<Config> parse_config(const config::Tree& tree);

}  // namespace aftercall::crm_writer
