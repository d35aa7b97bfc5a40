#pragma once
#include <string>
#include <string_view>

#include "crm/sign_in.hpp"
#include "domain/failure.hpp"
#include "domain/tenant.hpp"

namespace aftercall::crm::pipedrive {

// "https://acme.pipedrive.com" from whatever link of the company an admin pasted. Any other host is refused:
// our requests carry a token, and may come from inside a network.
Result<std::string> canonical_url(std::string_view pasted, AddressRules rules);

// Settings, none of which must be there: sign_in (api_token, the default, or oauth), sign_in_url,
// daily_share.
Result<void> check_settings(const Connection& connection, AddressRules rules);

bool signs_in_by_oauth(const Connection& connection);
std::string sign_in_url(const Connection& connection);

// How many hundredths of the company's daily budget, whoever spends it, may be gone before we stop: the rest
// is left to its other apps.
int daily_share(const Connection& connection);

// How people call the company: its name in the address.
std::string company_in(const std::string& base);

// Where a person sees the record: our word for its type, and its id.
std::string link_to(const std::string& base, std::string_view type, std::string_view id);

}  // namespace aftercall::crm::pipedrive
