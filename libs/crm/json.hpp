#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

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

// One line, and valid whatever the text holds: bytes that are no UTF-8 become U+FFFD.
inline std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace aftercall::crm
