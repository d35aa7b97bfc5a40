#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// W3C Trace Context, level 1: which journey an event belongs to. Randomness is an input.
namespace aftercall::telemetry {

struct Trace {
  std::string trace_id;  // 32 lower-case hexadecimal digits, not all 0
  std::string span_id;   // 16
  bool sampled = true;
  bool operator==(const Trace&) const = default;
};

std::optional<Trace> parse_traceparent(std::string_view text);  // nothing: start a trace of your own
std::string format(const Trace& trace);                         // the traceparent field
Trace child_of(const Trace& parent, std::uint64_t random);
Trace new_trace(std::uint64_t random_high, std::uint64_t random_low, std::uint64_t random_span);

// With the process's own randomness (for identifiers, not for secrets).
std::uint64_t random_bits();
std::string next_traceparent(std::string_view parent);  // a child's field; of a new trace when parent is none

}  // namespace aftercall::telemetry
