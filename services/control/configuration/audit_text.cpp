#include "control/configuration/audit_text.hpp"

#include <google/protobuf/util/json_util.h>

#include "wire/tenant_config.hpp"

namespace aftercall::control {
namespace {

std::string json_of(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return "{}";
  return text;
}

}  // namespace

std::string audit_text(const Tenant& tenant) {
  auto message = wire::to_wire(tenant);
  message.clear_pseudonym_key();
  return json_of(message);
}

std::string audit_text(const Source& source) {
  auto message = wire::to_wire(source);
  message.clear_key_hashes();
  return json_of(message);
}

std::string audit_text(const Connection& connection) { return json_of(wire::to_wire(connection)); }

}  // namespace aftercall::control
