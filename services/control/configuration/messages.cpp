#include "control/configuration/messages.hpp"

#include "wire/tenant_config.hpp"

namespace aftercall::control {
namespace {

template <class Message>
std::optional<std::int64_t> expected_of(const Message& message) {
  if (!message.has_expected_version()) return std::nullopt;
  return message.expected_version();
}

Result<WantedSource> wanted_of(const api::WantedSource& message) {
  aftercall::events::v1::Source source;
  source.set_tenant(message.tenant());
  source.set_id(message.id());
  source.set_name(message.name());
  source.set_revisions(message.revisions());
  source.set_disabled(message.disabled());
  auto read = wire::from_wire(source);
  if (!read) return tl::unexpected(read.error());
  WantedSource wanted{std::move(*read), {}, message.generate_key(), expected_of(message)};
  for (const auto& key : message.keys()) wanted.keys.emplace_back(key);
  return wanted;
}

WantedConnection wanted_of(const api::WantedConnection& message) {
  WantedConnection wanted;
  wanted.connection.tenant = TenantId(message.tenant());
  wanted.connection.id = ConnectionId(message.id());
  wanted.connection.crm = message.crm();
  wanted.connection.url = message.url();
  wanted.connection.settings = {message.settings().begin(), message.settings().end()};
  wanted.credentials = {message.client_id(), Secret(message.client_secret())};
  if (!message.refresh_token().empty()) wanted.credentials.refresh_token = Secret(message.refresh_token());
  if (!message.api_token().empty()) wanted.credentials.api_token = Secret(message.api_token());
  wanted.expected = expected_of(message);
  return wanted;
}

api::Change::What::Value what_of(Change::What what) {
  switch (what) {
    case Change::What::Created:
      return api::Change::What::created;
    case Change::What::Updated:
      return api::Change::What::updated;
    case Change::What::Unchanged:
      return api::Change::What::unchanged;
  }
  return api::Change::What::unspecified;
}

}  // namespace

Result<Wanted> wanted_of(const api::ApplyRequest& request) {
  Wanted wanted;
  std::string wrong;
  for (const auto& each : request.tenants()) {
    auto tenant = wire::from_wire(each.tenant());
    if (!tenant) wrong += "tenant " + each.tenant().id() + ": " + tenant.error().detail + "\n";
    if (tenant) wanted.tenants.push_back({std::move(*tenant), expected_of(each)});
  }
  for (const auto& each : request.sources()) {
    auto source = wanted_of(each);
    if (!source) wrong += "source " + each.id() + ": " + source.error().detail + "\n";
    if (source) wanted.sources.push_back(std::move(*source));
  }
  for (const auto& each : request.connections()) wanted.connections.push_back(wanted_of(each));
  if (!wrong.empty()) return fail(Cause::Malformed, wrong);
  return wanted;
}

api::ApplyResponse response_of(const Decision& decision) {
  api::ApplyResponse response;
  for (const auto& problem : decision.problems) {
    auto& out = *response.add_problems();
    out.set_kind(problem.name.kind);
    out.set_tenant(problem.name.tenant.str());
    out.set_id(problem.name.id);
    out.set_field(problem.field);
    out.set_message(problem.message);
    out.set_stale(problem.stale);
  }
  for (const auto& change : decision.changes) {
    auto& out = *response.add_changes();
    out.set_kind(change.name.kind);
    out.set_tenant(change.name.tenant.str());
    out.set_id(change.name.id);
    out.set_what(what_of(change.what));
    out.set_version(change.version);
    out.set_generated_key(std::string(change.generated_key.reveal()));
  }
  return response;
}

api::TenantRecord record_of(const Tenant& tenant, std::int64_t version) {
  api::TenantRecord record;
  *record.mutable_tenant() = wire::to_wire(tenant);
  record.mutable_tenant()->clear_pseudonym_key();
  record.set_version(version);
  return record;
}

api::SourceRecord record_of(const Source& source, std::int64_t version) {
  api::SourceRecord record;
  *record.mutable_source() = wire::to_wire(source);
  record.mutable_source()->clear_key_hashes();
  record.set_version(version);
  return record;
}

api::ConnectionRecord record_of(const Connection& connection, std::int64_t version) {
  api::ConnectionRecord record;
  *record.mutable_connection() = wire::to_wire(connection);
  record.set_version(version);
  return record;
}

}  // namespace aftercall::control
