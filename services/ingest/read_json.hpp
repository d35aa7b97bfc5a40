#pragma once
#include <cstddef>
#include <string_view>

#include <tl/expected.hpp>

#include "wire/json.hpp"
#include "wire/wrong.hpp"

namespace aftercall::ingest {

// Strict: RFC 8259 as I-JSON (RFC 7493) narrows it. What readers disagree on, or what a later stage could not
// carry, is refused: bytes that are no UTF-8, names twice in one object, U+0000, more than 32 levels,
// anything behind the end. The first thing that is wrong, for after it nothing is sure.
tl::expected<wire::Json, wire::Wrong> read_json(std::string_view text);

inline constexpr std::size_t deepest = 32;
inline constexpr std::size_t longest_number = 40;

}  // namespace aftercall::ingest
