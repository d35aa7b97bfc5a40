#pragma once
#include <string>
#include <string_view>

#include "domain/failure.hpp"

// Of process/ alone: what may stand behind a service's name. Pure.
namespace aftercall::process {

struct Options {
  std::string config;  // a file; "" for the defaults alone
  bool check_config = false, dry_run = false, version = false, help = false;
};

Result<Options> parse_options(int argc, const char* const* argv);
std::string usage(std::string_view name);

}  // namespace aftercall::process
