#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crm/sign_in.hpp"
#include "domain/failure.hpp"

// For connectors: what becomes of the address that an admin pasted. Our requests carry a token and may come
// from inside a network, so that every host that is no account's of this CRM is refused.
namespace aftercall::crm {

// What of an address is the vendor's own.
struct AccountHosts {
  std::string_view account;  // "a Dynamics 365 organisation"
  std::string_view example;  // "https://contoso.crm4.dynamics.com"
  // The one host that requests of this host's account go to, its first label the account's name; nothing for
  // a host that is no account's. It gets a name or an address, in lower case, without a port.
  std::optional<std::string> (*host_of)(std::string_view host) = nullptr;
  // What a host is instead, ready to stand before "expected …"; may be empty.
  std::string (*advice)(std::string_view host) = nullptr;
  // Where in a path the vendor's pages and API begin.
  std::span<const std::string_view> pages;
};

// "https://contoso.crm4.dynamics.com" from whatever link an admin pasted. Simulators serve several accounts
// below one address of this machine, told apart by their path: there the path before any page belongs to it.
Result<std::string> base_url_in(std::string_view pasted, AddressRules rules, const AccountHosts& hosts);

// How people call the account at a base URL: its name in the address.
std::string account_name_in(const std::string& base, const AccountHosts& hosts);

}  // namespace aftercall::crm
