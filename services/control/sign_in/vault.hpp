#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "control/sign_in/seal.hpp"
#include "crm/sign_in.hpp"
#include "domain/id.hpp"
#include "domain/instant.hpp"
#include "domain/record.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::control {

// What tenant.secret says, still sealed; opened only when it is asked for.
class Vault {
 public:
  explicit Vault(KeyRing ring) : ring_(std::move(ring)) {}

  tenancy::Applied apply(const Record& record);

  bool holds(const TenantId& tenant, const ConnectionId& connection) const;
  // When it was stored last.
  std::optional<Instant> stored_at(const TenantId& tenant, const ConnectionId& connection) const;
  // NotFound when nothing is stored; SetupIncomplete when it cannot be opened.
  Result<crm::Credentials> credentials(const TenantId& tenant, const ConnectionId& connection) const;
  Result<Sealed> seal(const TenantId& tenant, const ConnectionId& connection,
                      const crm::Credentials& credentials) const;

  const Sealed* sealed(const std::string& key) const;  // by its record's key; nothing if there is none

 private:
  struct Stored {
    Sealed sealed;
    Instant at;
  };
  KeyRing ring_;
  std::map<std::string, Stored> stored_;
  std::int64_t owner_epoch_ = 0;
};

}  // namespace aftercall::control
