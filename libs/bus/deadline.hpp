#pragma once
#include <chrono>

namespace aftercall::bus {

// Every wait on the bus ends by one.
using Deadline = std::chrono::steady_clock::time_point;

inline Deadline within(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace aftercall::bus
