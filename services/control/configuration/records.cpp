#include "control/configuration/records.hpp"

#include "aftercall/events/v1/audit.pb.h"
#include "aftercall/events/v1/tenant_secret.pb.h"
#include "control/configuration/newer_fields.hpp"
#include "wire/keys.hpp"
#include "wire/tenant_config.hpp"
#include "wire/time.hpp"

namespace aftercall::control {
namespace {

namespace v1 = aftercall::events::v1;

void set(v1::TenantConfig& message, const Tenant& tenant) {
  *message.mutable_tenant() = wire::to_wire(tenant);
}
void set(v1::TenantConfig& message, const Source& source) {
  *message.mutable_source() = wire::to_wire(source);
}
void set(v1::TenantConfig& message, const Connection& connection) {
  *message.mutable_connection() = wire::to_wire(connection);
}

Headers epoch_in_headers(std::int64_t owner_epoch) {
  return {{std::string(tenancy::config_record::epoch_header), std::to_string(owner_epoch)}};
}

}  // namespace

Draft config_draft(const wire::TopicNames& topics, const Write& write, std::int64_t owner_epoch,
                   std::string_view before) {
  Draft draft;
  draft.topic = topics.of(wire::topic::tenant_config);
  draft.key = write.name.key();
  if (!write.value) {
    draft.headers = epoch_in_headers(owner_epoch);
    return draft;
  }
  v1::TenantConfig message;
  message.set_version(write.version);
  message.set_owner_epoch(owner_epoch);
  std::visit([&](const auto& object) { set(message, object); }, *write.value);
  keep_newer_fields(before, message);
  draft.value = message.SerializeAsString();
  return draft;
}

Draft claim_draft(const wire::TopicNames& topics, std::int64_t owner_epoch, const std::string& address) {
  v1::TenantConfig message;
  message.set_owner_epoch(owner_epoch);
  Draft draft;
  draft.topic = topics.of(wire::topic::tenant_config);
  draft.key = tenancy::config_record::owner_key;
  draft.value = message.SerializeAsString();
  draft.headers = {{std::string(tenancy::config_record::owner_header), address}};
  return draft;
}

std::string secret_key(const TenantId& tenant, const ConnectionId& connection) {
  return wire::join_key({tenant.str(), "connection", connection.str()});
}

Draft secret_draft(const wire::TopicNames& topics, const std::string& key, const Sealed& sealed,
                   std::int64_t owner_epoch) {
  v1::TenantSecret message;
  message.set_owner_epoch(owner_epoch);
  message.set_key_id(sealed.key_id);
  message.set_nonce(sealed.nonce);
  message.set_ciphertext(sealed.ciphertext);
  Draft draft;
  draft.topic = topics.of(wire::topic::tenant_secret);
  draft.key = key;
  draft.value = message.SerializeAsString();
  return draft;
}

Draft secret_removal(const wire::TopicNames& topics, const std::string& key, std::int64_t owner_epoch) {
  Draft draft;
  draft.topic = topics.of(wire::topic::tenant_secret);
  draft.key = key;
  draft.headers = epoch_in_headers(owner_epoch);
  return draft;
}

Draft heartbeat_draft(const wire::TopicNames& topics, std::int64_t owner_epoch) {
  v1::TenantSecret message;
  message.set_owner_epoch(owner_epoch);
  Draft draft;
  draft.topic = topics.of(wire::topic::tenant_secret);
  draft.key = heartbeat_key;
  draft.value = message.SerializeAsString();
  return draft;
}

Draft audit_draft(const wire::TopicNames& topics, const Audited& entry, const std::string& who, Instant at) {
  v1::AuditEntry message;
  wire::write_time(*message.mutable_at(), at);
  message.set_who(who);
  message.set_tenant(entry.name.tenant.str());
  message.set_action(entry.action);
  message.set_subject(entry.name.kind + " " + entry.name.id);
  message.set_before(entry.before);
  message.set_after(entry.after);
  Draft draft;
  draft.topic = topics.of(wire::topic::audit);
  draft.key = wire::join_key({entry.name.tenant.str()});
  draft.value = message.SerializeAsString();
  return draft;
}

}  // namespace aftercall::control
