#include "control/configuration/newer_fields.hpp"

#include <algorithm>
#include <vector>

namespace aftercall::control {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Which of a list was which before, nobody can tell.
std::vector<const FieldDescriptor*> held_once(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::erase_if(fields, [](const FieldDescriptor* field) {
    return field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
  });
  return fields;
}

bool has_newer(const Message& message) {
  const auto& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  const auto fields = held_once(message);
  return std::any_of(fields.begin(), fields.end(), [&](const FieldDescriptor* field) {
    return has_newer(reflection.GetMessage(message, field));
  });
}

void keep_newer(const Message& before, Message& after) {
  const auto& reflection = *after.GetReflection();
  reflection.MutableUnknownFields(&after)->MergeFrom(before.GetReflection()->GetUnknownFields(before));
  for (const auto* const field : held_once(before))
    if (reflection.HasField(after, field))
      keep_newer(before.GetReflection()->GetMessage(before, field),
                 *reflection.MutableMessage(&after, field));
}

}  // namespace

bool has_newer_fields(std::string_view record) {
  events::v1::TenantConfig message;
  return message.ParseFromArray(record.data(), static_cast<int>(record.size())) && has_newer(message);
}

void keep_newer_fields(std::string_view before, events::v1::TenantConfig& message) {
  events::v1::TenantConfig stored;
  if (stored.ParseFromArray(before.data(), static_cast<int>(before.size()))) keep_newer(stored, message);
}

}  // namespace aftercall::control
