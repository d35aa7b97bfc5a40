#pragma once
#include "process/sections.hpp"

namespace aftercall::formatter {

struct Config {
  process::Kafka kafka;
  stage::Settings stage;
};

Result<Config> parse_config(const config::Tree& tree);

}  // namespace aftercall::formatter
