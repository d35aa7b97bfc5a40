#pragma once
#include <string>
#include <string_view>

namespace aftercall::telemetry {

// Personal data for a log: "anna@x.se" is "a***@x.se", "+46 70 123 45 67" is "***67", anything else "***".
std::string masked(std::string_view personal);

}  // namespace aftercall::telemetry
