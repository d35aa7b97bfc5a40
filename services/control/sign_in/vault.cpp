#include "control/sign_in/vault.hpp"

#include "aftercall/events/v1/tenant_secret.pb.h"
#include "control/configuration/records.hpp"

namespace aftercall::control {

namespace v1 = aftercall::events::v1;

namespace {

std::optional<Secret> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(Secret(text));
}
std::string text_of(const std::optional<Secret>& secret) {
  return secret ? std::string(secret->reveal()) : "";
}

}  // namespace

tenancy::Applied Vault::apply(const Record& record) {
  v1::TenantSecret message;
  if (record.value && !message.ParseFromString(*record.value)) return tenancy::Applied::Malformed;
  const std::int64_t epoch =
      record.value ? message.owner_epoch() : tenancy::config_record::epoch_of_tombstone(record.headers);
  if (epoch < owner_epoch_) return tenancy::Applied::Stale;
  owner_epoch_ = epoch;
  if (!record.value) {
    stored_.erase(record.key);
    return tenancy::Applied::Changed;
  }
  if (message.key_id().empty()) return tenancy::Applied::Changed;  // a heartbeat
  stored_[record.key] = {{message.key_id(), message.nonce(), message.ciphertext()}, truncate(record.time)};
  return tenancy::Applied::Changed;
}

bool Vault::holds(const TenantId& tenant, const ConnectionId& connection) const {
  return stored_.contains(secret_key(tenant, connection));
}

std::optional<Instant> Vault::stored_at(const TenantId& tenant, const ConnectionId& connection) const {
  const auto at = stored_.find(secret_key(tenant, connection));
  return at == stored_.end() ? std::nullopt : std::optional(at->second.at);
}

const Sealed* Vault::sealed(const std::string& key) const {
  const auto at = stored_.find(key);
  return at == stored_.end() ? nullptr : &at->second.sealed;
}

Result<crm::Credentials> Vault::credentials(const TenantId& tenant, const ConnectionId& connection) const {
  const std::string key = secret_key(tenant, connection);
  const Sealed* const found = sealed(key);
  if (found == nullptr)
    return fail(Cause::NotFound, "no secret is stored for connection " + connection.str());
  const auto opened = open(ring_, *found, key);
  if (!opened) return tl::unexpected(opened.error());
  v1::ConnectionSecret secret;
  if (!secret.ParseFromString(std::string(opened->reveal())))
    return fail(Cause::SetupIncomplete,
                "the stored secret of connection " + connection.str() + " is damaged");
  crm::Credentials credentials{secret.client_id(), Secret(secret.client_secret())};
  credentials.refresh_token = given(secret.refresh_token());
  credentials.api_token = given(secret.api_token());
  credentials.given_refresh_token = given(secret.given_refresh_token());
  return credentials;
}

Result<Sealed> Vault::seal(const TenantId& tenant, const ConnectionId& connection,
                           const crm::Credentials& credentials) const {
  v1::ConnectionSecret secret;
  secret.set_client_id(credentials.client_id);
  secret.set_client_secret(std::string(credentials.client_secret.reveal()));
  secret.set_refresh_token(text_of(credentials.refresh_token));
  secret.set_api_token(text_of(credentials.api_token));
  secret.set_given_refresh_token(text_of(credentials.given_refresh_token));
  return control::seal(ring_, secret.SerializeAsString(), secret_key(tenant, connection),
                       random_bytes(nonce_length));
}

}  // namespace aftercall::control
