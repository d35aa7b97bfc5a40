#include "ingest/openapi.hpp"

#include <cstdint>

#include "ingest/receive.hpp"
#include "wire/json.hpp"
#include "wire/session_schema.hpp"

namespace aftercall::ingest {
namespace {

using wire::Json;
using Object = Json::Object;
using Array = Json::Array;

Json text() { return Object{{"type", "string"}}; }
Json reference(const std::string& name) { return Object{{"$ref", "#/components/schemas/" + name}}; }

Json object_of(const Object& properties) {
  Array required;
  for (const auto& [name, schema] : properties) required.emplace_back(name);
  return Object{{"type", "object"}, {"properties", properties}, {"required", std::move(required)}};
}

Json list_of(Json items) { return Object{{"type", "array"}, {"items", std::move(items)}}; }

Object schemas() {
  Object all = wire::session_schemas();
  all["Accepted"] =
      object_of({{"accepted", list_of(object_of({{"event_id", text()}, {"session_id", text()}}))}});
  Object problem{
      {"type", text()},
      {"title", text()},
      {"status", Object{{"type", "integer"}}},
      {"code", Object{{"type", "string"}, {"description", "for programs: one word for each problem"}}},
      {"detail", text()}};
  Json whole = object_of(problem);
  Object& properties = *whole.as<Object>()->at("properties").as<Object>();
  properties["errors"] = list_of(object_of({{"pointer", text()}, {"rule", text()}}));
  properties["errors_left_out"] = Object{{"type", "integer"}};
  all["Problem"] = std::move(whole);
  return all;
}

Json answer(const std::string& meaning, const std::string& media_type, const std::string& schema) {
  const Object content{{media_type, Object{{"schema", reference(schema)}}}};
  return Object{{"description", meaning}, {"content", content}};
}

Json refusal(const std::string& meaning) { return answer(meaning, "application/problem+json", "Problem"); }

Json later(const std::string& meaning) {
  Json response = refusal(meaning);
  const Object seconds{{"description", "seconds"}, {"schema", Object{{"type", "integer"}}}};
  (*response.as<Object>())["headers"] = Object{{"Retry-After", seconds}};
  return response;
}

Json responses() {
  return Object{{"202", answer("stored by all in-sync replicas; equal to one sent before: harmless",
                               "application/json", "Accepted")},
                {"400", refusal("not JSON, not UTF-8, nested too deep, a name twice")},
                {"401", refusal("no API key, or one that is not valid")},
                {"403", refusal("the source is disabled")},
                {"413", refusal("the body, a session, its participants or the array are too large")},
                {"415", refusal("not application/json")},
                {"422", refusal("fields are wrong: each is named, and nothing was accepted")},
                {"429", later("too many requests of this tenant are waiting")},
                {"503", later("it cannot be stored now; send it again")}};
}

Json post_sessions(std::size_t body_limit) {
  Json several = list_of(reference("Session"));
  (*several.as<Object>())["minItems"] = 1;
  (*several.as<Object>())["maxItems"] = most_sessions;
  const Object schema{{"oneOf", Array{reference("Session"), std::move(several)}}};
  const Object content{{"application/json", Object{{"schema", schema}}}};
  const Object body{{"required", true}, {"content", content}};
  return Object{
      {"operationId", "sendSessions"},
      {"summary", "Hand over finished sessions"},
      {"description",
       "One session, or an array that is taken as a whole or refused as a whole; at most " +
           std::to_string(body_limit) +
           " bytes, and 512 KiB for each session in its Protobuf form. Sending the same session again is "
           "harmless; a higher revision or a later updated_at replaces what was written."},
      {"security", Array{Object{{"key", Array{}}}}},
      {"requestBody", body},
      {"responses", responses()}};
}

Json get_document() {
  const Object found{{"description", "this document"}, {"content", Object{{"application/json", Object{}}}}};
  return Object{
      {"operationId", "getDocument"}, {"summary", "This document"}, {"responses", Object{{"200", found}}}};
}

}  // namespace

std::string openapi(std::size_t body_limit) {
  const Object key{{"type", "http"}, {"scheme", "bearer"}, {"description", "the API key of a source"}};
  const Object components{{"schemas", schemas()}, {"securitySchemes", Object{{"key", key}}}};
  const Object paths{{"/v1/sessions", Object{{"post", post_sessions(body_limit)}}},
                     {"/openapi.json", Object{{"get", get_document()}}}};
  const Object info{{"title", "Aftercall: sessions"}, {"version", "1"}};
  return canonical(
      Object{{"openapi", "3.1.0"}, {"info", info}, {"paths", paths}, {"components", components}});
}

}  // namespace aftercall::ingest
