#include "telemetry/trace.hpp"

#include <algorithm>
#include <random>

namespace aftercall::telemetry {
namespace {

constexpr std::size_t trace_digits = 32;
constexpr std::size_t span_digits = 16;
constexpr std::size_t whole = 2 + 1 + trace_digits + 1 + span_digits + 1 + 2;  // version-trace-span-flags

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

std::string hex(std::uint64_t number) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text(span_digits, '0');
  for (auto place = text.rbegin(); place != text.rend(); ++place, number >>= 4U)
    *place = digits[number & 0xFU];
  return text;
}

std::string span_of(std::uint64_t random) { return hex(random == 0 ? 1 : random); }  // all 0 means none

}  // namespace

std::optional<Trace> parse_traceparent(std::string_view text) {
  if (text.size() < whole || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto version = text.substr(0, 2);
  const auto trace = text.substr(3, trace_digits);
  const auto span = text.substr(36, span_digits);
  const auto flags = text.substr(53, 2);
  for (const auto part : {version, trace, span, flags})
    if (!is_hex(part)) return std::nullopt;
  if (version == "ff" || is_zero(trace) || is_zero(span)) return std::nullopt;
  // Version 00 ends here; a later one may go on after a dash (W3C Trace Context §2.2.1).
  if (text.size() > whole && (version == "00" || text[whole] != '-')) return std::nullopt;
  const bool sampled = std::string_view("13579bdf").find(flags[1]) != std::string_view::npos;
  return Trace{std::string(trace), std::string(span), sampled};
}

std::string format(const Trace& trace) {
  return "00-" + trace.trace_id + "-" + trace.span_id + (trace.sampled ? "-01" : "-00");
}

Trace child_of(const Trace& parent, std::uint64_t random) {
  return {parent.trace_id, span_of(random), parent.sampled};
}

Trace new_trace(std::uint64_t random_high, std::uint64_t random_low, std::uint64_t random_span) {
  return {hex(random_high) + span_of(random_low), span_of(random_span), true};
}

std::uint64_t random_bits() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return engine();
}

std::string next_traceparent(std::string_view parent) {
  const auto known = parse_traceparent(parent);
  return format(known ? child_of(*known, random_bits())
                      : new_trace(random_bits(), random_bits(), random_bits()));
}

}  // namespace aftercall::telemetry
