#include "domain/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace aftercall {
namespace {

constexpr char32_t replacement = 0xFFFD;

unsigned byte_at(std::string_view text, std::size_t index) { return static_cast<unsigned char>(text[index]); }

// What the second byte may be depends on the first: this keeps out overlong forms, surrogates and what lies
// beyond U+10FFFF (Unicode 15, table 3-7).
struct Sequence {
  std::size_t length = 0;  // 0 = cannot begin a sequence
  unsigned low = 0x80;
  unsigned high = 0xBF;
};

Sequence sequence_of(unsigned lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return {2};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

// Most text has nothing else: eight bytes are looked at together.
std::size_t ascii_prefix(std::string_view text) {
  constexpr std::uint64_t beyond = 0x8080808080808080;
  std::size_t at = 0;
  for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & beyond) != 0) break;
  }
  while (at < text.size() && byte_at(text, at) < 0x80) ++at;
  return at;
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  if (lead < 0x80) return {lead, 1, true};
  const Sequence sequence = sequence_of(lead);
  if (sequence.length == 0) return {};
  char32_t value = lead & (0x7FU >> sequence.length);
  for (std::size_t i = 1; i < sequence.length; ++i) {
    const unsigned low = i == 1 ? sequence.low : 0x80;
    const unsigned high = i == 1 ? sequence.high : 0xBF;
    if (i >= text.size() || byte_at(text, i) < low || byte_at(text, i) > high) return {replacement, i, false};
    value = (value << 6U) | (byte_at(text, i) & 0x3FU);
  }
  return {value, sequence.length, true};
}

void append_utf8(std::string& text, char32_t value) {
  const auto add = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = replacement;
  if (value < 0x80) {
    add(value);
  } else if (value < 0x800) {
    add(0xC0 | (value >> 6U));
    add(0x80 | (value & 0x3FU));
  } else if (value < 0x10000) {
    add(0xE0 | (value >> 12U));
    add(0x80 | ((value >> 6U) & 0x3FU));
    add(0x80 | (value & 0x3FU));
  } else {
    add(0xF0 | (value >> 18U));
    add(0x80 | ((value >> 12U) & 0x3FU));
    add(0x80 | ((value >> 6U) & 0x3FU));
    add(0x80 | (value & 0x3FU));
  }
}

bool valid_utf8(std::string_view text) {
  for (text.remove_prefix(ascii_prefix(text)); !text.empty(); text.remove_prefix(ascii_prefix(text))) {
    const auto next = first_code_point(text);
    if (!next.valid) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  while (!text.empty()) {
    const auto ascii = ascii_prefix(text);
    units += ascii;
    text.remove_prefix(ascii);
    if (text.empty()) break;
    const auto next = first_code_point(text);
    units += next.value > 0xFFFF ? 2 : 1;
    text.remove_prefix(next.bytes);
  }
  return units;
}

std::size_t length_in(Measure measure, std::string_view text) {
  return measure == Measure::Bytes ? text.size() : utf16_length(text);
}

std::string_view first_units(std::string_view text, std::size_t units) {
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const auto point = first_code_point(text.substr(bytes));
    used += point.value > 0xFFFF ? 2 : 1;
    if (used > units) break;
    bytes += point.bytes;
  }
  return text.substr(0, bytes);
}

}  // namespace aftercall
