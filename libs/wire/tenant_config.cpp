#include "wire/tenant_config.hpp"

#include "wire/crm_record.hpp"
#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

// Domain enums begin with the value that the wire calls 1, its 0 being "unspecified", which reads as the
// default.
template <class Enum, class Wire>
Result<Enum> from_one(Wire value, int highest, Enum otherwise, const char* field) {
  const int number = static_cast<int>(value);
  if (number == 0) return otherwise;
  if (number < 0 || number > highest)
    return fail(Cause::NeedsNewerStage, std::string(field) + " has a value that this release does not know");
  return static_cast<Enum>(number - 1);
}

}  // namespace

v1::Tenant to_wire(const Tenant& tenant) {
  v1::Tenant message;
  message.set_id(tenant.id.str());
  message.set_name(tenant.name);
  for (const auto& domain : tenant.domains) message.add_domains(domain);
  message.set_region(tenant.region);
  message.set_paused(tenant.paused);
  message.set_ambiguity(static_cast<v1::Tenant::Ambiguity::Value>(static_cast<int>(tenant.ambiguity) + 1));
  message.set_create_contacts(
      static_cast<v1::Tenant::Create::Value>(static_cast<int>(tenant.create_contacts) + 1));
  message.set_appointment_notes(tenant.appointment_notes);
  message.set_pseudonym_key(tenant.pseudonym_key);
  return message;
}

v1::Source to_wire(const Source& source) {
  v1::Source message;
  message.set_tenant(source.tenant.str());
  message.set_id(source.id.str());
  message.set_name(source.name);
  for (const auto& hash : source.key_hashes) message.add_key_hashes(hash);
  message.set_revisions(static_cast<v1::Source::Revisions::Value>(static_cast<int>(source.revisions) + 1));
  message.set_disabled(source.disabled);
  return message;
}

v1::Connection to_wire(const Connection& connection) {
  v1::Connection message;
  message.set_tenant(connection.tenant.str());
  message.set_id(connection.id.str());
  message.set_crm(connection.crm);
  message.set_url(connection.url);
  message.set_crm_account(connection.account.str());
  message.set_status(static_cast<v1::Connection::Status::Value>(static_cast<int>(connection.status) + 1));
  message.set_why(connection.why);
  write_time(*message.mutable_since(), connection.since);
  *message.mutable_capabilities() = to_wire(connection.capabilities);
  message.mutable_settings()->insert(connection.settings.begin(), connection.settings.end());
  return message;
}

Result<Tenant> from_wire(const v1::Tenant& message) {
  const auto ambiguity = from_one(message.ambiguity(), 3, Ambiguity::Oldest, "tenant.ambiguity");
  const auto create = from_one(message.create_contacts(), 3, CreateContacts::Never, "tenant.create_contacts");
  if (!ambiguity) return tl::unexpected(ambiguity.error());
  if (!create) return tl::unexpected(create.error());
  Tenant tenant;
  tenant.id = TenantId(message.id());
  tenant.name = message.name();
  tenant.domains = {message.domains().begin(), message.domains().end()};
  tenant.region = message.region();
  tenant.paused = message.paused();
  tenant.ambiguity = *ambiguity;
  tenant.create_contacts = *create;
  tenant.appointment_notes = message.appointment_notes();
  tenant.pseudonym_key = message.pseudonym_key();
  return tenant;
}

Result<Source> from_wire(const v1::Source& message) {
  const auto revisions = from_one(message.revisions(), 3, Revisions::None, "source.revisions");
  if (!revisions) return tl::unexpected(revisions.error());
  return Source{TenantId(message.tenant()),
                SourceId(message.id()),
                message.name(),
                {message.key_hashes().begin(), message.key_hashes().end()},
                *revisions,
                message.disabled()};
}

Result<Connection> from_wire(const v1::Connection& message) {
  const auto status = from_one(message.status(), 4, ConnectionStatus::Disconnected, "connection.status");
  if (!status) return tl::unexpected(status.error());
  Connection connection;
  connection.tenant = TenantId(message.tenant());
  connection.id = ConnectionId(message.id());
  connection.crm = message.crm();
  connection.url = message.url();
  connection.account = CrmAccount(message.crm_account());
  connection.status = *status;
  connection.why = message.why();
  connection.since = read_time(message.since()).value_or(Instant{});
  connection.capabilities = from_wire(message.capabilities());
  connection.settings = {message.settings().begin(), message.settings().end()};
  return connection;
}

}  // namespace aftercall::wire
