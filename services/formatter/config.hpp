#pragma once
#include "process/sections.hpp"

namespace aftercall::formatter {

struct Config {
  process::StageSettings stage;
};

Result<Config> parse_config(const config::Tree& tree);

}  // namespace aftercall::formatter
