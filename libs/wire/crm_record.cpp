#include "wire/crm_record.hpp"

#include "wire/time.hpp"

namespace aftercall::wire {

v1::CrmRecord to_wire(const CrmRecord& record) {
  v1::CrmRecord message;
  message.set_type(record.type);
  message.set_id(record.id);
  message.set_name(record.name);
  message.set_link(record.link);
  return message;
}

CrmRecord from_wire(const v1::CrmRecord& message) {
  return {message.type(), message.id(), message.name(), message.link()};
}

v1::Capabilities to_wire(const Capabilities& capabilities) {
  v1::Capabilities message;
  message.set_keyed_writes(capabilities.keyed_writes);
  message.set_appointments(capabilities.appointments);
  message.set_accounts(capabilities.accounts);
  message.set_deals(capabilities.deals);
  message.set_activities(capabilities.activities);
  message.set_cases(capabilities.cases);
  message.set_join_url_length(static_cast<std::int64_t>(capabilities.join_url_length));
  message.set_contact_email_length(static_cast<std::int64_t>(capabilities.contact_email_length));
  message.set_note_title_length(static_cast<std::int64_t>(capabilities.note_title_length));
  message.set_note_text_length(static_cast<std::int64_t>(capabilities.note_text_length));
  message.set_note_text_in_bytes(capabilities.note_text_in == Measure::Bytes);
  message.set_deals_need(capabilities.deals_need);
  message.set_activities_need(capabilities.activities_need);
  message.set_one_note(capabilities.one_note);
  for (const auto& type : capabilities.activity_types) {
    auto& each = *message.add_activity_types();
    each.set_name(type.name);
    each.set_key(type.key);
  }
  write_time(*message.mutable_read_at(), capabilities.read_at);
  return message;
}

Capabilities from_wire(const v1::Capabilities& message) {
  Capabilities capabilities;
  capabilities.keyed_writes = message.keyed_writes();
  capabilities.appointments = message.appointments();
  capabilities.accounts = message.accounts();
  capabilities.deals = message.deals();
  capabilities.activities = message.activities();
  capabilities.cases = message.cases();
  capabilities.join_url_length = static_cast<std::size_t>(message.join_url_length());
  capabilities.contact_email_length = static_cast<std::size_t>(message.contact_email_length());
  capabilities.note_title_length = static_cast<std::size_t>(message.note_title_length());
  capabilities.note_text_length = static_cast<std::size_t>(message.note_text_length());
  capabilities.note_text_in = message.note_text_in_bytes() ? Measure::Bytes : Measure::Utf16;
  capabilities.deals_need = message.deals_need();
  capabilities.activities_need = message.activities_need();
  capabilities.one_note = message.one_note();
  for (const auto& type : message.activity_types())
    capabilities.activity_types.push_back({type.name(), type.key()});
  capabilities.read_at = read_time(message.read_at()).value_or(Instant{});
  return capabilities;
}

v1::Lookup to_wire(const Lookup& lookup) {
  v1::Lookup message;
  message.set_question(lookup.question);
  message.set_answer(lookup.answer);
  return message;
}

Lookup from_wire(const v1::Lookup& message) { return {message.question(), message.answer()}; }

v1::LeftOut to_wire(const LeftOut& left_out) {
  v1::LeftOut message;
  message.set_what(left_out.what);
  message.set_reason(left_out.reason);
  return message;
}

LeftOut from_wire(const v1::LeftOut& message) { return {message.what(), message.reason()}; }

}  // namespace aftercall::wire
