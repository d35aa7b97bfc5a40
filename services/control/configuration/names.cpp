#include "control/configuration/names.hpp"

#include <algorithm>
#include <cstddef>

namespace aftercall::control {
namespace {

bool lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) { return lower(c) || c == '-'; });
}

}  // namespace

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > 63 || !lower(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return lower(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_domain(std::string_view text) {
  if (text.size() > 253 || text.find('.') == std::string_view::npos) return false;
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_region(std::string_view text) {
  return text.size() == 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_api_key(std::string_view text) {
  if (text.size() < 20 || text.size() > 256) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace aftercall::control
