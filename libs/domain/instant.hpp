#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aftercall {

// A moment, to the millisecond: what every time in our events is.
using Instant = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

inline Instant instant_of(std::int64_t milliseconds) {
  return Instant(std::chrono::milliseconds(milliseconds));
}
inline std::int64_t milliseconds_of(Instant at) { return at.time_since_epoch().count(); }
inline Instant truncate(std::chrono::system_clock::time_point at) {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(at);
}

std::string rfc3339(Instant at);  // 2026-02-03T09:00:00Z, with .123 only when it is not a whole second
std::optional<Instant> parse_rfc3339(std::string_view text);  // RFC 3339 §5.6; nothing for anything else

}  // namespace aftercall
