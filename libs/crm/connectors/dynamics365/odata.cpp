#include "odata.hpp"

#include <cctype>
#include <cstddef>

#include "http/url.hpp"

namespace aftercall::crm::dynamics365 {

std::string literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted += '\'';
}

std::optional<std::string> guid(std::string_view text) {
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
  if (text.size() != 36) return std::nullopt;
  std::string lower;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : std::isxdigit(c) == 0) return std::nullopt;
    lower += static_cast<char>(std::tolower(c));
  }
  return lower;
}

std::string Query::target() const {
  std::string text = set;
  char separator = '?';
  const auto option = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    text += separator;
    text += name;
    text += '=';
    text += value;
    separator = '&';
  };
  option("$select", select);
  option("$expand", expand);
  option("$filter", http::percent_encode(filter));
  option("$orderby", order);
  if (top > 0) option("$top", std::to_string(top));
  return text;
}

}  // namespace aftercall::crm::dynamics365
