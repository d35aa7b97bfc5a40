#include "wire/delivery_ledger.hpp"

#include <charconv>

#include "wire/crm_record.hpp"
#include "wire/keys.hpp"
#include "wire/note_ready.hpp"
#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

// Domain states begin with the value that the wire calls 1.
v1::LedgerRow::State::Value to_wire(LedgerRow::State state) {
  return static_cast<v1::LedgerRow::State::Value>(static_cast<int>(state) + 1);
}

Result<LedgerRow::State> state_of(v1::LedgerRow::State::Value value) {
  const int number = static_cast<int>(value);
  if (number < 1 || number > static_cast<int>(LedgerRow::State::DeletedByPerson) + 1)
    return fail(Cause::NeedsNewerStage, "a ledger row is in a state that this release does not know");
  return static_cast<LedgerRow::State>(number - 1);
}

void keep_unknown(const google::protobuf::Message& from, google::protobuf::Message& to) {
  to.GetReflection()->MutableUnknownFields(&to)->MergeFrom(from.GetReflection()->GetUnknownFields(from));
}

}  // namespace

std::string unit_prefix(const CrmAccount& account, const SessionKey& session) {
  return join_key({account.str(), session.tenant.str(), session.source.str(), session.session.str()}) + "/";
}

std::string ledger_key(const CrmAccount& account, const SessionKey& session, const LedgerName& name) {
  return unit_prefix(account, session) + join_key({name.kind, name.slot_hash, std::to_string(name.part)});
}

Result<LedgerName> ledger_name_of(std::string_view kafka_key) {
  const auto parts = split_key(kafka_key);
  if (!parts || parts->size() != 7) return fail(Cause::Malformed, "a ledger key does not have seven parts");
  LedgerName name{(*parts)[4], (*parts)[5], 0};
  const auto& part = (*parts)[6];
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), name.part);
  if (error != std::errc() || end != part.data() + part.size())
    return fail(Cause::Malformed, "a ledger key's part is no number");
  return name;
}

v1::LedgerRow to_wire(const LedgerRow& row, const CrmAccount& account, const SessionKey& session) {
  v1::LedgerRow message;
  message.set_key(row.key);
  message.set_state(to_wire(row.state));
  message.set_crm_id(row.crm_id);
  message.set_link(row.link);
  *message.mutable_target() = wire::to_wire(row.target);
  message.mutable_target()->clear_name();  // names are personal data; the ledger outlives it
  if (!row.deal.id.empty()) {
    *message.mutable_deal() = wire::to_wire(row.deal);
    message.mutable_deal()->clear_name();
  }
  *message.mutable_revision() = wire::to_wire(row.revision);
  message.set_content_hash(row.content_hash);
  message.set_connection(row.connection.str());
  if (row.sent_at) write_time(*message.mutable_sent_at(), *row.sent_at);
  message.set_empty_looks(row.empty_looks);
  if (row.last_look) write_time(*message.mutable_last_look(), *row.last_look);
  message.set_generation(row.generation);
  if (row.same_as) message.set_same_as(ledger_key(account, session, *row.same_as));
  message.set_kind(row.name.kind);
  message.set_slot_hash(row.name.slot_hash);
  message.set_part(row.name.part);
  write_time(*message.mutable_updated_at(), row.updated_at);
  return message;
}

Result<LedgerRow> from_wire(const v1::LedgerRow& message) {
  const auto state = state_of(message.state());
  if (!state) return tl::unexpected(state.error());
  auto revision = wire::from_wire(message.revision());
  if (!revision) return tl::unexpected(revision.error());
  LedgerRow row;
  row.name = {message.kind(), message.slot_hash(), message.part()};
  row.key = message.key();
  row.state = *state;
  row.crm_id = message.crm_id();
  row.link = message.link();
  row.target = wire::from_wire(message.target());
  if (message.has_deal()) row.deal = wire::from_wire(message.deal());
  row.revision = std::move(*revision);
  row.content_hash = message.content_hash();
  row.connection = ConnectionId(message.connection());
  if (message.has_sent_at()) row.sent_at = read_time(message.sent_at());
  row.empty_looks = message.empty_looks();
  if (message.has_last_look()) row.last_look = read_time(message.last_look());
  row.generation = message.generation();
  if (!message.same_as().empty()) {
    const auto same_as = ledger_name_of(message.same_as());
    if (!same_as) return tl::unexpected(same_as.error());
    row.same_as = *same_as;
  }
  row.updated_at = read_time(message.updated_at()).value_or(Instant{});
  return row;
}

Result<LedgerRow> ledger_row_in(const std::string& value) {
  v1::LedgerRow message;
  if (!message.ParseFromString(value)) return fail(Cause::Malformed, "a ledger row cannot be read");
  return from_wire(message);
}

void keep_unknown_fields(const v1::LedgerRow& stored, v1::LedgerRow& message) {
  keep_unknown(stored, message);
  const bool same_target = stored.has_target() && message.has_target() &&
                           stored.target().type() == message.target().type() &&
                           stored.target().id() == message.target().id();
  if (same_target) keep_unknown(stored.target(), *message.mutable_target());
}

}  // namespace aftercall::wire
