#include "wire/session_schema.hpp"

#include <google/protobuf/descriptor.h>

#include "aftercall/events/v1/session.pb.h"
#include "wire/session_rules.hpp"

namespace aftercall::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

Json::Object words(const google::protobuf::EnumDescriptor& type) {
  Json::Array names;
  for (int i = 0; i < type.value_count(); ++i) names.emplace_back(type.value(i)->name());
  return {{"type", "string"}, {"enum", names}};
}

Json::Object text(const FieldRules& rules) {
  Json::Object schema{{"type", "string"}};
  if (rules.required) schema["minLength"] = 1;
  if (rules.longest != 0) schema["maxLength"] = rules.longest;
  if (rules.url) schema["pattern"] = R"(^([Hh][Tt][Tt][Pp][Ss]?://[^/?# <>"\\][^ <>"\\]*)?$)";
  if (rules.printable && !rules.url) schema["pattern"] = R"(^[^\u0000-\u001f\u007f]*$)";
  return schema;
}

Json::Object whole_number() {
  const Json::Object number{{"type", "integer"}, {"format", "int64"}};
  const Json::Object digits{{"type", "string"}, {"pattern", "^-?[0-9]{1,19}$"}};
  return {{"oneOf", Json::Array{number, digits}}};
}

// One value of the field, whether it is repeated or not.
Json::Object single(const FieldDescriptor& field, const FieldRules& rules) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return words(*field.enum_type());
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) return whole_number();
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return text(rules);
  if (field.message_type()->full_name() == "google.protobuf.Timestamp")
    return {{"type", "string"}, {"format", "date-time"}};
  return {{"$ref", "#/components/schemas/" + field.message_type()->name()}};
}

Json::Object schema_of(const FieldDescriptor& field) {
  const FieldRules rules = rules_of(field);
  Json::Object schema;
  if (field.is_map()) {
    const Json::Object name{{"minLength", 1}, {"maxLength", longest_map_key}};
    schema = {{"type", "object"}, {"propertyNames", name}, {"maxProperties", rules.most}};
    schema["additionalProperties"] = single(*field.message_type()->map_value(), rules);
  } else if (field.is_repeated()) {
    schema = {{"type", "array"}, {"items", single(field, rules)}, {"maxItems", rules.most}};
  } else {
    schema = single(field, rules);
  }
  if (!rules.meaning.empty()) schema["description"] = std::string(rules.meaning);
  if (rules.by_door) schema["readOnly"] = true;
  return schema;
}

void add(const Descriptor& type, Json::Object& schemas) {
  if (schemas.contains(type.name())) return;
  Json::Object properties;
  Json::Array required;
  schemas[type.name()] = Json();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    properties[field.name()] = schema_of(field);
    if (rules_of(field).required) required.emplace_back(field.name());
    const bool ours = field.message_type() != nullptr && field.message_type()->file() == type.file();
    if (ours && !field.is_map()) add(*field.message_type(), schemas);
  }
  Json::Object schema{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  schemas[type.name()] = std::move(schema);
}

}  // namespace

Json::Object session_schemas() {
  Json::Object schemas;
  add(*aftercall::events::v1::Session::descriptor(), schemas);
  return schemas;
}

}  // namespace aftercall::wire
