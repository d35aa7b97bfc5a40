#include "wire/json.hpp"

#include <algorithm>

#include "domain/utf8.hpp"

namespace aftercall::wire {
namespace {

constexpr std::size_t longest_step = 100;

void write(std::string& out, const Json& json);

// Nearly all of a text needs nothing, and is copied as it is.
bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void write_text(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  while (true) {
    const auto* const end = std::find_if(text.begin(), text.end(), needs_escape);
    out.append(text.begin(), end);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text.front());
    out += '\\';
    if (byte < 0x20)
      out.append("u00").append({digits[byte >> 4U], digits[byte & 15U]});
    else
      out += text.front();
    text.remove_prefix(1);
  }
  out += '"';
}

struct Writer {
  std::string& out;
  void operator()(Json::Null /*null*/) const { out += "null"; }
  void operator()(bool is) const { out += is ? "true" : "false"; }
  void operator()(std::int64_t number) const { out += std::to_string(number); }
  void operator()(const Json::Number& number) const { out += number.text; }
  void operator()(const std::string& text) const { write_text(out, text); }
  void operator()(const Json::Array& array) const {
    char before = '[';
    for (const auto& each : array) {
      out += std::exchange(before, ',');
      write(out, each);
    }
    out += array.empty() ? "[]" : "]";
  }
  void operator()(const Json::Object& object) const {
    char before = '{';
    for (const auto& [name, value] : object) {
      out += std::exchange(before, ',');
      write_text(out, name);
      out += ':';
      write(out, value);
    }
    out += object.empty() ? "{}" : "}";
  }
};

void write(std::string& out, const Json& json) { std::visit(Writer{out}, json.held()); }

}  // namespace

std::string canonical(const Json& json) {
  std::string out;
  write(out, json);
  return out;
}

std::string pointer_to(const std::string& parent, std::string_view name) {
  std::string pointer = parent + "/";
  std::size_t bytes = 0;
  while (bytes < name.size() && bytes < longest_step) bytes += first_code_point(name.substr(bytes)).bytes;
  for (const char c : name.substr(0, bytes)) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return bytes < name.size() ? pointer + "…" : pointer;
}

std::string pointer_to(const std::string& parent, std::size_t index) {
  return parent + "/" + std::to_string(index);
}

}  // namespace aftercall::wire
