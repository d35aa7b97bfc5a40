#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace aftercall {

// One step through text from outside. What is no UTF-8 comes as U+FFFD with valid = false and the bytes to
// skip, as Unicode recommends it: one replacement for each broken sequence, and the byte that broke it is
// read again.
struct CodePoint {
  char32_t value = 0xFFFD;
  std::size_t bytes = 1;
  bool valid = false;
};
CodePoint first_code_point(std::string_view text);  // text is not empty

void append_utf8(std::string& text, char32_t value);
bool valid_utf8(std::string_view text);

// What a CRM counts a text's length in.
enum class Measure { Utf16, Bytes };
std::size_t length_in(Measure measure, std::string_view text);

// What most CRMs count a text's length in. A broken sequence counts as its replacement.
std::size_t utf16_length(std::string_view text);
// As much of a text's beginning as fits into so many of them.
std::string_view first_units(std::string_view text, std::size_t units);

}  // namespace aftercall
