#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "domain/session.hpp"
#include "domain/tenant.hpp"

namespace aftercall::matcher {

// A participant from outside the tenant: only these are looked for in the CRM.
struct External {
  std::size_t participant = 0;  // index in the session
  std::string email;            // normalised; empty = none that could be read
  std::string phone;            // E.164; empty = none that could be read
  std::string unreadable;       // why neither could be read; empty when there is an identity

  // What is written for this participant is written for this: e-mail, else phone.
  const std::string& identity() const { return email.empty() ? phone : email; }
};

// Internal are: who the upstream says is internal, AI and human agents, the presenter, and everybody who
// writes from one of the tenant's own domains.
std::vector<External> externals_of(const Session& session, const Tenant& tenant);

}  // namespace aftercall::matcher
