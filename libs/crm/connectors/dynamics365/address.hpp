#pragma once
#include <string>
#include <string_view>

#include "crm/sign_in.hpp"
#include "domain/failure.hpp"
#include "domain/tenant.hpp"

namespace aftercall::crm::dynamics365 {

// "https://contoso.crm4.dynamics.com" from whatever link or name of the organisation an admin pasted. Any
// host that is no organisation's is refused: our requests carry a bearer token, and may come from inside a
// network.
Result<std::string> canonical_url(std::string_view pasted, AddressRules rules);

// Settings: sign_in_tenant (the customer's Entra tenant, id or domain; must be there), sign_in_url, and
// sign_in: client_credentials (an application user, the default) or oauth (a person's refresh token).
Result<void> check_settings(const Connection& connection, AddressRules rules);

bool signs_in_by_person(const Connection& connection);
std::string sign_in_url(const Connection& connection);

// How people call the organisation: its name in the address.
std::string company_in(const std::string& base);

// Where a person sees the record.
std::string link_to(const std::string& base, std::string_view table, std::string_view id);

}  // namespace aftercall::crm::dynamics365
