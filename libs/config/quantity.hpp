#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

// Quantities as people write them. Pure; nothing for anything else.
namespace aftercall::config {

std::optional<std::chrono::milliseconds> parse_duration(
    std::string_view text);                                      // "5s", "30 s", "1.5h", "200ms"
std::optional<std::uint64_t> parse_size(std::string_view text);  // "8MiB", "1GB", "4096"

}  // namespace aftercall::config
