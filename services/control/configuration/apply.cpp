#include "control/configuration/apply.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <set>

#include "control/configuration/audit_text.hpp"
#include "control/configuration/names.hpp"
#include "control/sign_in/seal.hpp"
#include "policy/digest.hpp"
#include "wire/tenant_config.hpp"

namespace aftercall::control {
namespace {

template <class T>
bool same(const T& a, const T& b) {
  return google::protobuf::util::MessageDifferencer::Equals(wire::to_wire(a), wire::to_wire(b));
}

class Deciding {
 public:
  Deciding(const tenancy::Directory& directory, const Wanted& wanted, const Surroundings& around)
      : directory_(directory), wanted_(wanted), around_(around) {}

  Decision decide() {
    for (const auto& each : wanted_.tenants) tenant(each);
    for (const auto& each : wanted_.sources) source(each);
    for (const auto& each : wanted_.connections) connection(each);
    if (made_.problems.empty()) return std::move(made_);
    return Decision{std::move(made_.problems), {}, {}, {}, {}};
  }

 private:
  void problem(const Name& name, std::string field, std::string message) {
    made_.problems.push_back({name, std::move(field), std::move(message)});
  }

  // What holds for every object: its name, that it is there once, and that nobody changed it meanwhile.
  void common(const Name& name, const std::optional<std::int64_t>& expected) {
    constexpr const char* rule = "must be lower-case letters, digits, '-', '_' or '.', at most 63";
    if (!is_id(name.tenant.str())) problem(name, name.kind == "tenant" ? "id" : "tenant", rule);
    if (name.kind != "tenant" && !is_id(name.id)) problem(name, "id", rule);
    if (!seen_.insert(name).second) problem(name, "", "stands in this request twice");
    const std::int64_t version = directory_.version_of(name.key());
    if (expected && *expected != version)
      made_.problems.push_back(
          {name, "",
           version == 0 ? "does not exist (any more), version " + std::to_string(*expected) + " was expected"
                        : "is at version " + std::to_string(version) + ", not " + std::to_string(*expected) +
                              ": somebody changed it meanwhile",
           true});
  }

  void known_tenant(const Name& name) {
    const bool wanted = std::any_of(wanted_.tenants.begin(), wanted_.tenants.end(),
                                    [&](const WantedTenant& each) { return each.tenant.id == name.tenant; });
    if (!wanted && !directory_.tenant(name.tenant)) problem(name, "tenant", "there is no such tenant");
  }

  void limit(const Name& name, std::string field, const std::string& text) {
    if (text.size() > 200) problem(name, std::move(field), "must be at most 200 bytes long");
  }

  // Notes what becomes of one object; `before` is nothing when it is new.
  template <class T, class Pointer>
  Change& note(const T& after, const Pointer& before, const char* action) {
    const Name name = name_of(after);
    const std::int64_t version = directory_.version_of(name.key());
    if (before && same(after, *before)) {
      made_.changes.push_back({name, Change::What::Unchanged, version});
      return made_.changes.back();
    }
    made_.writes.push_back({name, after, version + 1});
    made_.audit.push_back({action, name, before ? audit_text(*before) : "", audit_text(after)});
    made_.changes.push_back({name, before ? Change::What::Updated : Change::What::Created, version + 1});
    return made_.changes.back();
  }

  void tenant(const WantedTenant& wanted) {
    Tenant after = wanted.tenant;
    const Name name = name_of(after);
    common(name, wanted.expected);
    limit(name, "name", after.name);
    for (const auto& domain : after.domains)
      if (!is_domain(domain)) problem(name, "domains", "\"" + domain + "\" is no domain in lower case");
    if (!after.region.empty() && !is_region(after.region))
      problem(name, "region", "must be two upper-case letters (ISO 3166), such as SE");
    if (!after.pseudonym_key.empty()) problem(name, "pseudonym_key", "is made by control and never given");
    const auto before = directory_.tenant(after.id);
    // Made once: hashes that were made under it must stay comparable for as long as they are kept.
    after.pseudonym_key = before ? before->pseudonym_key : around_.random(32);
    note(after, before, "tenant.apply");
  }

  void source(const WantedSource& wanted) {
    Source after = wanted.source;
    const Name name = name_of(after);
    common(name, wanted.expected);
    known_tenant(name);
    limit(name, "name", after.name);
    const auto before = directory_.source(after.tenant, after.id);
    after.key_hashes = before ? before->key_hashes : std::vector<std::string>();
    if (!wanted.keys.empty()) after.key_hashes = hashes_of(name, wanted.keys);
    Secret generated;
    if (wanted.generate_key && after.key_hashes.empty()) {
      generated = Secret("ak_" + hex_of(around_.random(24)));
      after.key_hashes = {sha256_hex(generated.reveal())};
    }
    if (after.key_hashes.empty()) problem(name, "keys", "a new source needs a key, or generate_key");
    for (const auto& hash : after.key_hashes) unshared(name, hash);
    const bool new_keys = before && before->key_hashes != after.key_hashes;
    note(after, before, new_keys ? "source.apply with other keys" : "source.apply").generated_key = generated;
  }

  std::vector<std::string> hashes_of(const Name& name, const std::vector<Secret>& keys) {
    std::set<std::string> hashes;
    for (const auto& key : keys) {
      if (!is_api_key(key.reveal()))
        problem(name, "keys", "each must have 20 to 256 printable characters, no spaces");
      hashes.insert(sha256_hex(key.reveal()));
    }
    return {hashes.begin(), hashes.end()};
  }

  // A key says whose session it is: it can be one source's only.
  void unshared(const Name& name, const std::string& hash) {
    const auto holder = directory_.source_by_key_hash(hash);
    const bool elsewhere = holder && name_of(*holder) != name;
    const bool twice = !hashes_.emplace(hash, name).second;
    if (elsewhere || twice) problem(name, "keys", "a key of this source is another source's, too");
  }

  void connection(const WantedConnection& wanted) {
    Connection after = wanted.connection;
    const Name name = name_of(after);
    common(name, wanted.expected);
    known_tenant(name);
    const auto before = directory_.connection(after.tenant, after.id);
    address(name, after);
    const bool moved =
        !before || before->crm != after.crm || before->url != after.url || before->settings != after.settings;
    keep_status(after, before, moved);
    Change& change = note(after, before, "connection.apply");
    credentials(after, wanted.credentials, change);
  }

  void address(const Name& name, Connection& after) {
    const crm::Entry* entry = around_.find(after.crm);
    if (entry == nullptr) {
      problem(name, "crm", "there is no connector named \"" + after.crm + "\"");
      return;
    }
    const auto url = entry->canonical_url(after.url, around_.rules);
    if (!url) problem(name, "url", url.error().detail);
    after.url = url.value_or("");
    const auto settings = entry->check_settings(after, around_.rules);
    if (!settings) problem(name, "settings", settings.error().detail);
  }

  void keep_status(Connection& after, const tenancy::ConnectionPtr& before, bool moved) const {
    if (before) {
      after.account = before->account;
      after.status = before->status;
      after.why = before->why;
      after.since = before->since;
      after.capabilities = before->capabilities;
    }
    if (!moved) return;
    after.status = before ? ConnectionStatus::ReconnectNeeded : ConnectionStatus::SetupIncomplete;
    after.why = before ? "its settings were changed" : "it was not connected yet";
    after.since = around_.now;
  }

  void credentials(const Connection& connection, const crm::Credentials& given, Change& change) {
    const Name name = name_of(connection);
    const auto before = around_.stored(name.tenant, ConnectionId(name.id));
    crm::Credentials after = before.value_or(crm::Credentials{});
    if (!given.client_id.empty()) after.client_id = given.client_id;
    if (!given.client_secret.empty()) after.client_secret = given.client_secret;
    if (given.api_token) after.api_token = given.api_token;
    const bool known = after.refresh_token && given.refresh_token == after.given_refresh_token;
    if (given.refresh_token && !known) after.refresh_token = after.given_refresh_token = given.refresh_token;
    const crm::Entry* const entry = around_.find(connection.crm);
    if (entry != nullptr)
      if (const auto way = entry->token_request(connection, after); !way)
        problem(name, "credentials", way.error().detail);
    if (before && *before == after) return;
    made_.secrets.push_back({name.tenant, ConnectionId(name.id), after});
    if (change.what == Change::What::Unchanged) change.what = Change::What::Updated;
    made_.audit.push_back({before ? "connection.secret replaced" : "connection.secret given", name, "", ""});
  }

  const tenancy::Directory& directory_;
  const Wanted& wanted_;
  const Surroundings& around_;
  Decision made_;
  std::set<Name> seen_;
  std::map<std::string, Name> hashes_;
};

template <class Pointer>
std::string text_of(const Pointer& object) {
  return object ? audit_text(*object) : "";
}

std::string text_before(const tenancy::Directory& directory, const Name& name) {
  if (name.kind == "tenant") return text_of(directory.tenant(name.tenant));
  if (name.kind == "source") return text_of(directory.source(name.tenant, SourceId(name.id)));
  return text_of(directory.connection(name.tenant, ConnectionId(name.id)));
}

}  // namespace

Name name_of(const Tenant& tenant) { return {"tenant", tenant.id, tenant.id.str()}; }
Name name_of(const Source& source) { return {"source", source.tenant, source.id.str()}; }
Name name_of(const Connection& connection) { return {"connection", connection.tenant, connection.id.str()}; }

Decision decide(const tenancy::Directory& directory, const Wanted& wanted, const Surroundings& around) {
  if (wanted.tenants.size() + wanted.sources.size() + wanted.connections.size() > most_objects)
    return Decision{
        {{{}, "", "more than " + std::to_string(most_objects) + " objects in one request"}}, {}, {}, {}, {}};
  return Deciding(directory, wanted, around).decide();
}

Result<Decision> decide_removal(const tenancy::Directory& directory, const Name& name,
                                std::optional<std::int64_t> expected) {
  const std::int64_t version = directory.version_of(name.key());
  const std::string what = name.kind + " " + name.id;
  if (version == 0) return fail(Cause::NotFound, "there is no " + what);
  if (expected && *expected != version)
    return fail(Cause::Rejected, what + " is at version " + std::to_string(version) + ", not " +
                                     std::to_string(*expected) + ": somebody changed it meanwhile");
  if (name.kind == "tenant" &&
      (!directory.sources(name.tenant).empty() || !directory.connections(name.tenant).empty()))
    return fail(Cause::Rejected, what + " still has sources or connections; delete these first");
  Decision decision;
  decision.writes.push_back({name, std::nullopt, version});
  if (name.kind == "connection")
    decision.secrets.push_back({name.tenant, ConnectionId(name.id), std::nullopt});
  decision.audit.push_back({name.kind + ".delete", name, text_before(directory, name), ""});
  return decision;
}

Decision decide_update(const tenancy::Directory& directory, const Connection& connection,
                       std::string action) {
  const Name name = name_of(connection);
  const auto before = directory.connection(connection.tenant, connection.id);
  Decision decision;
  if (!before || same(*before, connection)) return decision;
  decision.writes.push_back({name, connection, directory.version_of(name.key()) + 1});
  decision.audit.push_back({std::move(action), name, audit_text(*before), audit_text(connection)});
  return decision;
}

}  // namespace aftercall::control
