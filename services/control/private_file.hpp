#pragma once
#include <string>

#include "domain/failure.hpp"

namespace aftercall::control {

// A file that holds secrets: refused when anybody but its owner can read or write it.
Result<void> check_private(const std::string& path);

}  // namespace aftercall::control
