#pragma once
#include "process/crm_access.hpp"
#include "process/sections.hpp"

namespace aftercall::matcher {

struct Config {
  process::StageSettings stage;
  process::CrmSettings crm;
};

Result<Config> parse_config(const config::Tree& tree);

}  // namespace aftercall::matcher
