#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crm/connector.hpp"
#include "domain/tenant.hpp"
#include "tenancy/directory.hpp"

// What a change to the configuration leads to: decided whole before anything is written, from the directory
// as it is and the objects as they are wanted. Pure: time, randomness and stored secrets are inputs.
namespace aftercall::control {

// `expected`: the version that the change was made from; 0 = must not exist yet; nothing = any.
struct WantedTenant {
  Tenant tenant;
  std::optional<std::int64_t> expected{};
};
struct WantedSource {
  Source source;
  std::vector<Secret> keys{};  // none: as before
  bool generate_key = false;   // if it has none
  std::optional<std::int64_t> expected{};
};
struct WantedConnection {
  Connection connection;
  crm::Credentials credentials{};  // what is empty stays as it was
  std::optional<std::int64_t> expected{};
};
struct Wanted {
  std::vector<WantedTenant> tenants;
  std::vector<WantedSource> sources;
  std::vector<WantedConnection> connections;
};

struct Surroundings {
  Instant now;
  crm::AddressRules rules;
  std::function<const crm::Entry*(std::string_view crm)> find;
  std::function<std::optional<crm::Credentials>(const TenantId&, const ConnectionId&)> stored;
  std::function<std::string(std::size_t)> random;
};

// Which object.
struct Name {
  std::string kind;  // as in its record's key: tenant, source, connection
  TenantId tenant;
  std::string id;
  auto operator<=>(const Name&) const = default;  // NOLINT(modernize-use-nullptr): misread by version 14
  std::string key() const { return tenancy::config_record::key(kind, tenant, id); }
};
Name name_of(const Tenant& tenant);
Name name_of(const Source& source);
Name name_of(const Connection& connection);

struct Problem {
  Name name;
  std::string field;  // empty: the object as a whole
  std::string message;
  bool stale = false;
};

using Object = std::variant<Tenant, Source, Connection>;

// One record of tenant.config to be: nothing = remove it.
struct Write {
  Name name;
  std::optional<Object> value;
  std::int64_t version = 0;
};
struct SecretWrite {
  TenantId tenant;
  ConnectionId connection;
  std::optional<crm::Credentials> credentials;  // nothing = remove them
};
struct Change {
  enum class What { Created, Updated, Unchanged };
  Name name;
  What what = What::Unchanged;
  std::int64_t version = 0;
  Secret generated_key{};
};
struct Audited {
  std::string action;  // "connection.apply"
  Name name;
  std::string before;  // JSON, never a secret
  std::string after;
};

struct Decision {
  std::vector<Problem> problems;  // with any of these the rest is empty
  std::vector<Change> changes;    // in the order of what was wanted
  std::vector<Write> writes;
  std::vector<SecretWrite> secrets;
  std::vector<Audited> audit;
};

inline constexpr std::size_t most_objects = 1000;  // in one request

Decision decide(const tenancy::Directory& directory, const Wanted& wanted, const Surroundings& around);

// A tenant only when it has neither sources nor connections. NotFound, or Rejected for what is stale or still
// in use.
Result<Decision> decide_removal(const tenancy::Directory& directory, const Name& name,
                                std::optional<std::int64_t> expected);

// One connection's record as it is now to be, by control itself.
Decision decide_update(const tenancy::Directory& directory, const Connection& connection, std::string action);

}  // namespace aftercall::control
