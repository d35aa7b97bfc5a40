#include "telemetry/mask.hpp"

#include <algorithm>
#include <iterator>

namespace aftercall::telemetry {
namespace {

constexpr std::size_t digits_of_a_phone = 5;  // fewer could be shown nearly whole

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The first character whole, however many bytes of UTF-8 it has.
std::string_view first_character(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && end < 4 && continues_character(text[end])) ++end;
  return text.substr(0, end);
}

}  // namespace

std::string masked(std::string_view personal) {
  if (personal.empty()) return "";
  const auto at = personal.rfind('@');
  if (at != std::string_view::npos && at > 0)
    return std::string(first_character(personal)) + "***" + std::string(personal.substr(at));
  std::string digits;
  std::copy_if(personal.begin(), personal.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  if (digits.size() >= digits_of_a_phone) return "***" + digits.substr(digits.size() - 2);
  return "***";
}

}  // namespace aftercall::telemetry
