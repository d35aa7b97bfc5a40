#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "domain/utf8.hpp"

// For connectors, reading JSON that anybody may have written: nothing here throws, and a member of another
// type is no member.
namespace aftercall::crm {

using Json = nlohmann::json;

inline Json parse_json(std::string_view text) {
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);  // discarded() when it is none
}

inline const Json* member(const Json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

inline std::string text_of(const Json& json, const char* name) {
  const auto* const found = member(json, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

inline std::optional<std::int64_t> number_of(const Json& json, const char* name) {
  const auto* const found = member(json, name);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

// A text in quotes. A note is some kilobytes that need next to nothing, and the library looks at them a byte
// at a time: here they are copied as they are. What is rare is left to it.
inline void append_quoted(std::string& out, std::string_view text) {
  if (!valid_utf8(text)) {
    out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  const auto special = [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; };
  out += '"';
  while (true) {
    const auto* const end = std::find_if(text.begin(), text.end(), special);
    out.append(text.begin(), end);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    if (text.empty()) break;
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (c == '\n') {
      out += "\\n";
    } else {
      const auto escaped = Json(std::string(1, c)).dump();
      out.append(escaped, 1, escaped.size() - 2);
    }
  }
  out += '"';
}

inline void append(std::string& out, const Json& json) {
  if (json.is_string()) {
    append_quoted(out, json.get_ref<const std::string&>());
  } else if (json.is_structured() && !json.empty()) {
    char before = json.is_object() ? '{' : '[';
    for (const auto& [name, value] : json.items()) {
      out += std::exchange(before, ',');
      if (json.is_object()) {
        append_quoted(out, name);
        out += ':';
      }
      append(out, value);
    }
    out += json.is_object() ? '}' : ']';
  } else {
    out += json.dump();
  }
}

// One line, and valid whatever the text holds: bytes that are no UTF-8 become U+FFFD.
inline std::string dump(const Json& json) {
  std::string out;
  append(out, json);
  return out;
}

}  // namespace aftercall::crm
