#pragma once
#include <string>

#include "domain/tenant.hpp"

namespace aftercall::control {

// For the audit: the object as JSON, without what is secret or the key to something (pseudonym key, hashes of
// API keys).
std::string audit_text(const Tenant& tenant);
std::string audit_text(const Source& source);
std::string audit_text(const Connection& connection);

}  // namespace aftercall::control
