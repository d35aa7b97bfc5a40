#include "wire/session_json.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "wire/session_rules.hpp"
#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A clock that is wrong by more than a day, or milliseconds read as seconds, would make a revision that no
// later one can beat.
constexpr Instant earliest{std::chrono::milliseconds(946'684'800'000)};  // the year 2000
constexpr std::chrono::hours ahead{24};

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned>(c) & 0xC0U) != 0x80U; }));
}

bool control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Loose on purpose: upstreams' links hold fragments and odd paths. What matters is that nobody follows
// javascript: from a CRM's note.
bool is_link(std::string_view text) {
  const auto end = text.find("://");
  if (end == std::string_view::npos) return false;
  std::string scheme(text.substr(0, end));
  for (char& c : scheme)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (scheme != "http" && scheme != "https") return false;
  const auto rest = text.substr(end + 3);
  const bool has_host = !rest.empty() && std::string_view("/?#").find(rest.front()) == std::string_view::npos;
  return has_host && rest.find_first_of(" <>\"\\") == std::string_view::npos;
}

std::optional<std::int64_t> integer_of(const Json& json) {
  if (const auto* number = json.as<std::int64_t>()) return *number;
  const auto* text = json.as<std::string>();  // Protobuf's own JSON writes 64-bit numbers so
  std::int64_t number = 0;
  if (text == nullptr) return std::nullopt;
  const auto* end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

std::string words_of(const google::protobuf::EnumDescriptor& words) {
  std::string list;
  for (int i = 0; i < words.value_count(); ++i) list += (i == 0 ? "" : ", ") + words.value(i)->name();
  return list;
}

class Walk {
 public:
  Walk(Instant now, Wrongs& wrongs) : latest_(now + ahead), wrongs_(wrongs) {}

  void object(const Json& json, const std::string& pointer, Message& into) {
    const auto* object = json.as<Json::Object>();
    if (object == nullptr) return wrong(pointer, "must be an object");
    const Descriptor& type = *into.GetDescriptor();
    for (const auto& [name, value] : *object) {
      const FieldDescriptor* field = type.FindFieldByName(name);
      const std::string at = pointer_to(pointer, name);
      if (field == nullptr)
        wrong(at, "is not a field of " + type.name());
      else
        this->field(value, at, *field, into);
    }
    for (int i = 0; i < type.field_count(); ++i)
      if (rules_of(*type.field(i)).required && !object->contains(type.field(i)->name()))
        wrong(pointer_to(pointer, type.field(i)->name()), "is missing");
  }

 private:
  void wrong(std::string pointer, std::string rule) { wrongs_.add({std::move(pointer), std::move(rule)}); }

  void field(const Json& json, const std::string& pointer, const FieldDescriptor& field, Message& into) {
    const FieldRules rules = rules_of(field);
    if (rules.by_door) return wrong(pointer, "is set by Aftercall: leave it out");
    if (json.as<Json::Null>() != nullptr) return wrong(pointer, "must not be null: leave it out");
    if (field.is_map()) return map(json, pointer, field, rules, into);
    if (field.is_repeated()) return list(json, pointer, field, rules, into);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      return message(json, pointer, *into.GetReflection()->MutableMessage(&into, &field));
    scalar(json, pointer, field, rules, into);
  }

  void message(const Json& json, const std::string& pointer, Message& into) {
    if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(&into))
      return this->time(json, pointer, *time);
    object(json, pointer, into);
  }

  void time(const Json& json, const std::string& pointer, google::protobuf::Timestamp& into) {
    const auto* text = json.as<std::string>();
    const auto at = text == nullptr ? std::nullopt : parse_rfc3339(*text);
    if (!at) return wrong(pointer, "must be a time with its offset from UTC, as 2026-02-03T09:00:00Z");
    if (*at < earliest || *at > latest_)
      return wrong(pointer, "must be a time between the year 2000 and a day from now");
    write_time(into, *at);
  }

  void list(const Json& json, const std::string& pointer, const FieldDescriptor& field,
            const FieldRules& rules, Message& into) {
    const auto* array = json.as<Json::Array>();
    if (array == nullptr) return wrong(pointer, "must be an array");
    count(array->size(), pointer, rules);
    for (std::size_t i = 0; i < array->size(); ++i)
      message((*array)[i], pointer_to(pointer, i), *into.GetReflection()->AddMessage(&into, &field));
  }

  void map(const Json& json, const std::string& pointer, const FieldDescriptor& field,
           const FieldRules& rules, Message& into) {
    const auto* object = json.as<Json::Object>();
    if (object == nullptr) return wrong(pointer, "must be an object");
    count(object->size(), pointer, rules);
    const Descriptor& entry = *field.message_type();
    for (const auto& [name, value] : *object) {
      const std::string at = pointer_to(pointer, name);
      if (name.empty() || characters(name) > longest_map_key)
        wrong(at, "must have a name of 1 to " + std::to_string(longest_map_key) + " characters");
      Message& pair = *into.GetReflection()->AddMessage(&into, &field);
      pair.GetReflection()->SetString(&pair, entry.map_key(), name);
      scalar(value, at, *entry.map_value(), rules, pair);
    }
  }

  void count(std::size_t size, const std::string& pointer, const FieldRules& rules) {
    if (size > rules.most)
      wrongs_.add({pointer, "must have at most " + std::to_string(rules.most) + " elements", true});
  }

  void scalar(const Json& json, const std::string& pointer, const FieldDescriptor& field,
              const FieldRules& rules, Message& into) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_ENUM:
        return word(json, pointer, field, into);
      case FieldDescriptor::CPPTYPE_INT64:
        if (const auto number = integer_of(json))
          return into.GetReflection()->SetInt64(&into, &field, *number);
        return wrong(pointer, "must be a whole number of 64 bits");
      case FieldDescriptor::CPPTYPE_STRING:
        return text(json, pointer, field, rules, into);
      default:  // session_json_test.cpp holds that Session has no field of another type
        return wrong(pointer, "cannot be read by this release");
    }
  }

  void word(const Json& json, const std::string& pointer, const FieldDescriptor& field, Message& into) {
    const auto* text = json.as<std::string>();
    const auto* value = text == nullptr ? nullptr : field.enum_type()->FindValueByName(*text);
    if (value == nullptr) return wrong(pointer, "must be one of: " + words_of(*field.enum_type()));
    into.GetReflection()->SetEnum(&into, &field, value);
  }

  void text(const Json& json, const std::string& pointer, const FieldDescriptor& field,
            const FieldRules& rules, Message& into) {
    const auto* text = json.as<std::string>();
    if (text == nullptr) return wrong(pointer, "must be a string");
    if (rules.required && text->empty()) return wrong(pointer, "must not be empty");
    if (rules.longest != 0 && characters(*text) > rules.longest)
      return wrong(pointer, "must have at most " + std::to_string(rules.longest) + " characters");
    if (rules.url && !text->empty() && !is_link(*text))
      return wrong(pointer, "must be a link by http or https");
    if (rules.printable && std::any_of(text->begin(), text->end(), control))
      return wrong(pointer, "must not have control characters");
    into.GetReflection()->SetString(&into, &field, *text);
  }

  Instant latest_;
  Wrongs& wrongs_;
};

}  // namespace

v1::Session read_session(const Json& json, const std::string& pointer, Instant now, Wrongs& wrongs) {
  v1::Session session;
  Walk(now, wrongs).object(json, pointer, session);
  const auto started = read_time(session.started_at());  // 1970 where it is missing or wrong
  const auto ended = read_time(session.ended_at());
  if (session.ended_at().seconds() != 0 && ended < started)
    wrongs.add({pointer_to(pointer, "ended_at"), "must not be before started_at"});
  if (session.ByteSizeLong() > largest_session)
    wrongs.add({pointer, "must not be larger than 512 KiB in its Protobuf form", true});
  return session;
}

}  // namespace aftercall::wire
