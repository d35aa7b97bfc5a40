#pragma once
#include "tenancy/connectors.hpp"
#include "tenancy/lease.hpp"

namespace aftercall::tenancy {

// Every connector's tokens are leased from control. `leases` outlives the connectors.
inline Connectors::Tokens tokens_from(Leases& leases) {
  return [&leases](const Connection& connection) -> crm::TokenSource {
    return [&leases, tenant = connection.tenant, id = connection.id](Secret refused) {
      return leases.token(tenant, id, std::move(refused));
    };
  };
}

}  // namespace aftercall::tenancy
