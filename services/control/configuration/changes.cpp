#include "control/configuration/changes.hpp"

#include "control/configuration/newer_fields.hpp"
#include "control/configuration/records.hpp"
#include "telemetry/log.hpp"
#include "wire/keys.hpp"

namespace aftercall::control {
namespace {

constexpr std::chrono::milliseconds repairing{10'000};

Instant now() { return truncate(std::chrono::system_clock::now()); }

}  // namespace

asio::awaitable<Result<void>> Changes::publish(Draft draft) {
  const Result<Position> published = co_await parts_.producer.publish(std::move(draft));
  if (!published) co_return tl::unexpected(published.error());
  co_return Result<void>();
}

asio::awaitable<Result<void>> Changes::publish_all(std::vector<Draft> drafts) {
  for (auto& draft : drafts) {
    const Result<void> published = co_await publish(std::move(draft));
    if (!published) co_return published;
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> Changes::prepare(bus::Deadline deadline) {
  const Result<void> owner = co_await parts_.ownership.settled(deadline);
  if (!owner) co_return owner;
  const Result<void> config = co_await parts_.config.catch_up(deadline);
  if (!config) co_return config;
  const Result<void> secrets = co_await parts_.secrets.catch_up(deadline);
  if (!secrets) co_return secrets;
  const Result<void> confirmed = co_await parts_.ownership.confirm(deadline);
  co_return confirmed;
}

// The audit first: nothing changes that it does not know of. Then secrets: no connection stands there without
// its own.
Result<std::vector<Draft>> Changes::drafts_of(const Decision& decision, const std::string& who) const {
  std::vector<Draft> drafts;
  const std::int64_t epoch = parts_.ownership.epoch();
  for (const auto& entry : decision.audit) drafts.push_back(audit_draft(parts_.topics, entry, who, now()));
  for (const auto& secret : decision.secrets) {
    const std::string key = secret_key(secret.tenant, secret.connection);
    if (!secret.credentials) {
      drafts.push_back(secret_removal(parts_.topics, key, epoch));
      continue;
    }
    const auto sealed = parts_.vault.seal(secret.tenant, secret.connection, *secret.credentials);
    if (!sealed) return tl::unexpected(sealed.error());
    drafts.push_back(secret_draft(parts_.topics, key, *sealed, epoch));
  }
  for (const auto& write : decision.writes) drafts.push_back(draft_of(write));
  return drafts;
}

Draft Changes::draft_of(const Write& write) const {
  const auto before = newer_.find(write.name.key());
  return config_draft(parts_.topics, write, parts_.ownership.epoch(),
                      before == newer_.end() ? std::string_view() : std::string_view(before->second));
}

void Changes::heard(const Record& record, tenancy::Applied applied) {
  if (applied != tenancy::Applied::Changed) return;
  newer_.erase(record.key);
  if (record.value && has_newer_fields(*record.value)) newer_[record.key] = *record.value;
}

asio::awaitable<Result<Decision>> Changes::carry_out(Decide decide, std::string who, bus::Deadline deadline) {
  const Result<Turns::Turn> turn = co_await parts_.turns.take(deadline);
  if (!turn) co_return tl::unexpected(turn.error());
  const Result<void> prepared = co_await prepare(deadline);
  if (!prepared) co_return tl::unexpected(prepared.error());
  Result<Decision> decision = decide();
  if (!decision || !decision->problems.empty()) co_return decision;
  Result<std::vector<Draft>> drafts = drafts_of(*decision, who);
  if (!drafts) co_return tl::unexpected(drafts.error());
  if (drafts->empty()) co_return decision;
  const Result<void> published = co_await publish_all(std::move(*drafts));
  if (!published) co_return tl::unexpected(published.error());
  for (const auto& entry : decision->audit)
    log::info("config.changed",
              {{"who", who}, {"action", entry.action}, {"tenant", entry.name.tenant}, {"id", entry.name.id}});
  const Result<void> config = co_await parts_.config.catch_up(deadline);
  if (!config) co_return tl::unexpected(config.error());
  const Result<void> secrets = co_await parts_.secrets.catch_up(deadline);
  if (!secrets) co_return tl::unexpected(secrets.error());
  co_return decision;
}

asio::awaitable<void> Changes::repair(std::string key) {
  const auto deadline = bus::within(repairing);
  const Result<Turns::Turn> turn = co_await parts_.turns.take(deadline);
  if (!turn) co_return;
  const Result<void> prepared = co_await prepare(deadline);
  const auto parts = wire::split_key(key);
  if (!prepared || !parts || parts->size() != 3) co_return;
  Write write{
      {(*parts)[1], TenantId((*parts)[0]), (*parts)[2]}, std::nullopt, parts_.directory.version_of(key)};
  const auto tenant = parts_.directory.tenant(write.name.tenant);
  const auto source = parts_.directory.source(write.name.tenant, SourceId(write.name.id));
  const auto connection = parts_.directory.connection(write.name.tenant, ConnectionId(write.name.id));
  if (write.name.kind == "tenant" && tenant) write.value = *tenant;
  if (write.name.kind == "source" && source) write.value = *source;
  if (write.name.kind == "connection" && connection) write.value = *connection;
  const Result<void> published = co_await publish(draft_of(write));
  log::warn("config.repaired", {{"key", key}, {"written", published.has_value()}});
}

asio::awaitable<void> Changes::repair_secret(std::string key) {
  const auto deadline = bus::within(repairing);
  const Result<Turns::Turn> turn = co_await parts_.turns.take(deadline);
  if (!turn) co_return;
  const Result<void> prepared = co_await prepare(deadline);
  if (!prepared) co_return;
  const std::int64_t epoch = parts_.ownership.epoch();
  const Sealed* const sealed = parts_.vault.sealed(key);
  Draft draft = secret_removal(parts_.topics, key, epoch);
  if (sealed != nullptr) draft = secret_draft(parts_.topics, key, *sealed, epoch);
  const Result<void> published = co_await publish(std::move(draft));
  log::warn("secret.repaired", {{"key", key}, {"written", published.has_value()}});
}

asio::awaitable<Result<void>> Changes::heartbeat(bus::Deadline deadline) {
  const Result<void> confirmed = co_await parts_.ownership.confirm(deadline);
  if (!confirmed) co_return confirmed;
  const Result<void> published = co_await publish(heartbeat_draft(parts_.topics, parts_.ownership.epoch()));
  co_return published;
}

}  // namespace aftercall::control
