// The schema that is served and the walk that decides say the same: every field of the descriptor is in the
// schema, what the schema allows is taken, what it does not is refused.
#include "wire/session_schema.hpp"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "wire/session_json.hpp"
#include "wire/session_rules.hpp"

namespace aftercall::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const Instant now = *parse_rfc3339("2026-02-03T10:00:00Z");

const Json::Object& in(const Json::Object& object, std::string_view name) {
  static const Json::Object none;
  const auto at = object.find(name);
  const auto* found = at == object.end() ? nullptr : at->second.as<Json::Object>();
  if (found == nullptr) ADD_FAILURE() << "no object " << name;
  return found == nullptr ? none : *found;
}

std::string text_in(const Json::Object& object, std::string_view name) {
  const auto at = object.find(name);
  const auto* found = at == object.end() ? nullptr : at->second.as<std::string>();
  return found == nullptr ? "" : *found;
}

// Values that the schema allows: the fullest, and some at a bound.
Json allowed(const Json::Object& schemas, const Json::Object& schema) {
  if (schema.contains("$ref")) {
    const std::string name = text_in(schema, "$ref").substr(std::string("#/components/schemas/").size());
    Json::Object object;
    for (const auto& [field, of] : in(in(schemas, name), "properties"))
      if (!of.as<Json::Object>()->contains("readOnly"))
        object[field] = allowed(schemas, *of.as<Json::Object>());
    return object;
  }
  if (schema.contains("oneOf")) return 7;
  if (text_in(schema, "type") == "array") return Json::Array{allowed(schemas, in(schema, "items"))};
  if (text_in(schema, "type") == "object")
    return Json::Object{{"name", allowed(schemas, in(schema, "additionalProperties"))}};
  if (schema.contains("enum")) return schema.at("enum").as<Json::Array>()->back();
  if (text_in(schema, "format") == "date-time") return "2026-02-03T09:00:00Z";
  const std::string start = text_in(schema, "pattern").find("://") == std::string::npos ? "" : "https://x";
  const auto bound = schema.find("maxLength");
  const auto longest = bound == schema.end() ? 20'000 : *bound->second.as<std::int64_t>();
  return start + std::string(static_cast<std::size_t>(longest) - start.size(), 'x');
}

Wrongs judged(const Json& session) {
  Wrongs wrongs;
  read_session(session, "", now, wrongs);
  return wrongs;
}

void has_every_field(const Json::Object& schemas, const Descriptor& type) {
  const auto& properties = in(in(schemas, type.name()), "properties");
  EXPECT_EQ(properties.size(), static_cast<std::size_t>(type.field_count())) << type.name();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    EXPECT_TRUE(properties.contains(field.name())) << type.name() << "." << field.name();
    const bool ours = field.message_type() != nullptr && field.message_type()->file() == type.file();
    if (ours && !field.is_map()) has_every_field(schemas, *field.message_type());
  }
}

const Json::Object whole{{"$ref", "#/components/schemas/Session"}};

TEST(SessionSchema, HasEveryFieldOfTheDescriptor) {
  has_every_field(session_schemas(), *v1::Session::descriptor());
}

TEST(SessionSchema, TheWalkTakesWhatItAllows) {
  const Json session = allowed(session_schemas(), whole);
  ASSERT_GT(session.as<Json::Object>()->size(), 15U);
  for (const auto& each : judged(session).all) ADD_FAILURE() << each.pointer << " " << each.rule;
}

TEST(SessionSchema, TheWalkRefusesWhatItDoesNotAllow) {
  const Json::Object schemas = session_schemas();
  for (const auto& [name, of] : in(in(schemas, "Session"), "properties")) {
    Json::Object session{{"session_id", "1"}};
    session[name] = true;  // no field is a boolean
    EXPECT_FALSE(judged(session).empty()) << name;
    if (of.as<Json::Object>()->contains("readOnly")) continue;
    session[name] = allowed(schemas, *of.as<Json::Object>());
    EXPECT_TRUE(judged(session).empty()) << name;
    if (of.as<Json::Object>()->contains("maxLength")) {
      session[name] = *session[name].as<std::string>() + "x";
      EXPECT_FALSE(judged(session).empty()) << name << " may be longer than its schema says";
    }
  }
}

TEST(SessionSchema, WhatIsRequiredIsMissed) {
  const Json::Object schemas = session_schemas();
  const auto& schema = in(schemas, "Session");
  for (const auto& name : *schema.at("required").as<Json::Array>()) {
    Json session = allowed(schemas, whole);
    session.as<Json::Object>()->erase(*name.as<std::string>());
    EXPECT_EQ(judged(session).all, std::vector<Wrong>({{"/" + *name.as<std::string>(), "is missing"}}));
  }
}

TEST(SessionSchema, EveryListHasABound) {
  for (const auto& [name, schema] : session_schemas()) {
    for (const auto& [field, of] : in(*schema.as<Json::Object>(), "properties")) {
      const auto& each = *of.as<Json::Object>();
      for (const char* bound : {"maxItems", "maxProperties"}) {
        const auto at = each.find(bound);
        EXPECT_TRUE(at == each.end() || *at->second.as<std::int64_t>() > 0) << field;
      }
    }
  }
}

}  // namespace
}  // namespace aftercall::wire
