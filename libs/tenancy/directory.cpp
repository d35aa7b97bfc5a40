#include "tenancy/directory.hpp"

#include <algorithm>
#include <charconv>

#include "wire/keys.hpp"
#include "wire/tenant_config.hpp"

namespace aftercall::tenancy {
namespace {

template <class Map>
auto found(const Map& map, const typename Map::key_type& key) -> typename Map::mapped_type {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : at->second;
}

template <class Map>
auto of_tenant(const Map& map, const TenantId& tenant) {
  std::vector<typename Map::mapped_type> values;
  for (auto at = map.lower_bound({tenant.str(), ""}); at != map.end() && at->first.first == tenant.str();
       ++at)
    values.push_back(at->second);
  return values;
}

// What the id inside the value must be: a record under another's key would be two things at once.
template <class Message>
bool names(const Message& message, const std::pair<std::string, std::string>& key) {
  return message.tenant() == key.first && message.id() == key.second;
}

Applied refusal(const Failure& failure) {
  return failure.cause == Cause::NeedsNewerStage ? Applied::NotKnown : Applied::Malformed;
}

}  // namespace

Failure why_not(const Connection& connection) {
  const std::string who = "connection " + connection.id.str();
  const std::string why = connection.why.empty() ? "" : ": " + connection.why;
  switch (connection.status) {
    case ConnectionStatus::SetupIncomplete:
      return {Cause::SetupIncomplete, who + " is not completely set up" + why};
    case ConnectionStatus::Disconnected:
      return {Cause::NotAuthorized, who + " is disconnected; connect it" + why};
    case ConnectionStatus::ReconnectNeeded:
    case ConnectionStatus::Connected:
      break;
  }
  return {Cause::NotAuthorized, who + " must be connected again" + why};
}

std::int64_t config_record::epoch_of_tombstone(const Headers& headers) {
  const auto text = header(headers, epoch_header);
  std::int64_t epoch = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), epoch);
  return epoch;
}

std::string config_record::key(std::string_view kind, const TenantId& whose, std::string_view id) {
  return wire::join_key({whose.str(), kind, id});
}

Applied Directory::apply(const Record& record) {
  const auto parts = wire::split_key(record.key);
  if (!parts || parts->size() != 3) return Applied::Malformed;
  wire::v1::TenantConfig message;
  if (record.value && !message.ParseFromString(*record.value)) return Applied::Malformed;
  const std::int64_t epoch =
      record.value ? message.owner_epoch() : config_record::epoch_of_tombstone(record.headers);
  // A claim must be higher than any before it: of two that claim the same epoch the first has it.
  const bool claim = record.key == config_record::owner_key;
  if (epoch < owner_epoch_ || (claim && epoch == owner_epoch_)) return Applied::Stale;
  owner_epoch_ = epoch;
  version_ = record.at.offset + 1;
  const Key key{(*parts)[0], (*parts)[2]};
  if (claim) {
    owner_ = header(record.headers, config_record::owner_header).value_or("");
    return Applied::Changed;
  }
  if (record.value) return keep(record, (*parts)[1], key);
  forget((*parts)[1], key);
  written_.erase(record.key);
  return Applied::Changed;
}

Applied Directory::keep(const Record& record, std::string_view kind, const Key& key) {
  wire::v1::TenantConfig message;
  message.ParseFromString(*record.value);
  Applied kept = message.record_case() == wire::v1::TenantConfig::RECORD_NOT_SET ? Applied::NotKnown
                                                                                 : Applied::Malformed;
  if (message.has_tenant() && kind == config_record::tenant && message.tenant().id() == key.first)
    kept = put(wire::from_wire(message.tenant()), key, message.version());
  else if (message.has_source() && kind == config_record::source && names(message.source(), key))
    kept = put(wire::from_wire(message.source()), key);
  else if (message.has_connection() && kind == config_record::connection && names(message.connection(), key))
    kept = put(wire::from_wire(message.connection()), key);
  if (kept == Applied::Changed) written_[record.key] = {message.version(), truncate(record.time)};
  return kept;
}

Applied Directory::put(Result<Tenant> tenant, const Key& key, std::int64_t version) {
  if (!tenant) return refusal(tenant.error());
  tenant->version = version;
  tenants_[key.first] = std::make_shared<const Tenant>(std::move(*tenant));
  return Applied::Changed;
}

Applied Directory::put(Result<Source> source, const Key& key) {
  if (!source) return refusal(source.error());
  drop_hashes(key);
  for (const auto& hash : source->key_hashes) by_hash_[hash].insert(key);
  sources_[key] = std::make_shared<const Source>(std::move(*source));
  return Applied::Changed;
}

Applied Directory::put(Result<Connection> connection, const Key& key) {
  if (!connection) return refusal(connection.error());
  connections_[key] = std::make_shared<const Connection>(std::move(*connection));
  return Applied::Changed;
}

void Directory::forget(std::string_view kind, const Key& key) {
  if (kind == config_record::tenant) tenants_.erase(key.first);
  if (kind == config_record::connection) connections_.erase(key);
  if (kind != config_record::source) return;
  drop_hashes(key);
  sources_.erase(key);
}

void Directory::drop_hashes(const Key& source) {
  const auto before = found(sources_, source);
  if (!before) return;
  for (const auto& hash : before->key_hashes) {
    const auto at = by_hash_.find(hash);
    if (at == by_hash_.end()) continue;
    at->second.erase(source);
    if (at->second.empty()) by_hash_.erase(at);
  }
}

TenantPtr Directory::tenant(const TenantId& id) const { return found(tenants_, id.str()); }

SourcePtr Directory::source(const TenantId& tenant, const SourceId& id) const {
  return found(sources_, {tenant.str(), id.str()});
}

ConnectionPtr Directory::connection(const TenantId& tenant, const ConnectionId& id) const {
  return found(connections_, {tenant.str(), id.str()});
}

SourcePtr Directory::source_by_key_hash(std::string_view hash) const {
  const auto at = by_hash_.find(hash);
  return at == by_hash_.end() ? nullptr : found(sources_, *at->second.begin());
}

std::vector<TenantPtr> Directory::tenants() const {
  std::vector<TenantPtr> all;
  for (const auto& [id, tenant] : tenants_) all.push_back(tenant);
  return all;
}

std::vector<SourcePtr> Directory::sources(const TenantId& tenant) const {
  return of_tenant(sources_, tenant);
}

std::vector<ConnectionPtr> Directory::connections(const TenantId& tenant) const {
  return of_tenant(connections_, tenant);
}

std::vector<CrmAccount> Directory::accounts(const TenantId& tenant) const {
  std::set<CrmAccount> accounts;
  for (const auto& connection : connections(tenant))
    if (!connection->account.empty()) accounts.insert(connection->account);
  return {accounts.begin(), accounts.end()};
}

std::vector<ConnectionPtr> Directory::connections_of(const CrmAccount& account) const {
  std::vector<ConnectionPtr> all;
  for (const auto& [key, connection] : connections_)
    if (!account.empty() && connection->account == account) all.push_back(connection);
  return all;
}

Result<ConnectionPtr> Directory::serving(const CrmAccount& account, const ConnectionId& preferred) const {
  auto candidates = connections_of(account);
  std::stable_partition(candidates.begin(), candidates.end(),
                        [&](const ConnectionPtr& each) { return each->id == preferred; });
  if (candidates.empty())
    return fail(Cause::NotAuthorized, "no connection leads to account " + account.str() + "; connect one");
  const auto owner = tenant(candidates.front()->tenant);
  if (owner && owner->paused) return fail(Cause::Paused, "tenant " + owner->id.str() + " is paused");
  for (const auto& each : candidates)
    if (each->status == ConnectionStatus::Connected) return each;
  return tl::unexpected(why_not(*candidates.front()));
}

Failure Directory::why_none(const TenantId& tenant) const {
  const auto all = connections(tenant);
  if (all.empty()) return {Cause::SetupIncomplete, "tenant " + tenant.str() + " has no connection"};
  return why_not(*all.front());
}

TenantId Directory::holder(const CrmAccount& account) const {
  const auto all = connections_of(account);
  return all.empty() ? TenantId() : all.front()->tenant;
}

std::int64_t Directory::version_of(std::string_view key) const {
  const auto at = written_.find(key);
  return at == written_.end() ? 0 : at->second.version;
}

Instant Directory::written_at(std::string_view key) const {
  const auto at = written_.find(key);
  return at == written_.end() ? Instant{} : at->second.at;
}

}  // namespace aftercall::tenancy
