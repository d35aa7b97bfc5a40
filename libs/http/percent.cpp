#include <algorithm>

#include "http/url.hpp"

namespace aftercall::http {
namespace {

bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> form_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

// Takes from `text` what stands before `mark`, and the mark.
std::string_view take_until(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  const auto taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

bool read_segments(std::string_view path, std::vector<std::string>& into) {
  path.remove_prefix(1);
  while (!path.empty()) {
    auto segment = percent_decode(take_until(path, '/'));
    if (!segment) return false;
    into.push_back(std::move(*segment));
  }
  return true;
}

bool read_query(std::string_view query, std::vector<std::pair<std::string, std::string>>& into) {
  while (!query.empty()) {
    auto value = take_until(query, '&');
    if (value.empty()) continue;
    auto name = form_decode(take_until(value, '='));
    auto decoded = form_decode(value);
    if (!name || !decoded) return false;
    into.emplace_back(std::move(*name), std::move(*decoded));
  }
  return true;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(byte)) {
      result += c;
    } else {
      result += '%';
      result += digits[byte >> 4U];
      result += digits[byte & 0xFU];
    }
  }
  return result;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    text += std::string(name) + "=" + percent_encode(value);
  }
  return text;
}

std::optional<Target> parse_target(std::string_view target) {
  if (!target.starts_with('/')) return std::nullopt;
  Target result;
  auto query = target;
  result.path = std::string(take_until(query, '?'));
  if (!read_segments(result.path, result.segments) || !read_query(query, result.query)) return std::nullopt;
  return result;
}

}  // namespace aftercall::http
