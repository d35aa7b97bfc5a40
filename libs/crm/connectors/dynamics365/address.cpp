#include "address.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <optional>

#include "crm/connection_settings.hpp"
#include "crm/pasted_address.hpp"
#include "http/url.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// ".crm" and, in the public cloud, the region's number: none, or 2 to 99. New regions appear, so there is no
// list.
bool take_region(std::string_view& host) {
  for (const auto* const national : {".crm.dynamics.cn", ".crm.microsoftdynamics.us", ".crm.appsplatform.us"})
    if (take_suffix(host, national)) return true;
  if (!take_suffix(host, ".dynamics.com")) return false;
  const auto dot = host.rfind('.');
  if (dot == std::string_view::npos || host.substr(dot, 4) != ".crm") return false;
  const auto number = host.substr(dot + 4);
  host = host.substr(0, dot);
  if (number.empty()) return true;
  if (number.size() > 2 || number.front() == '0' || number == "1") return false;
  return std::ranges::all_of(number, is_digit);
}

// contoso.crm4.dynamics.com, also where it was written contoso.api.crm4.dynamics.com.
std::optional<std::string> organisation_host(std::string_view host) {
  auto organisation = host;
  if (!take_region(organisation)) return std::nullopt;
  const auto region = host.substr(organisation.size());
  take_suffix(organisation, ".api");
  if (!http::is_label(organisation) || organisation.starts_with("xn--")) return std::nullopt;
  for (const auto* const service :
       {"disco", "globaldisco", "dev", "www", "admin"})  // of the region, no organisation's
    if (organisation == service) return std::nullopt;
  return std::string(organisation) + std::string(region);
}

std::string advice(std::string_view host) {
  struct Known {
    std::string_view suffix, what;
  };
  constexpr std::array<Known, 5> known{
      {{"operations.dynamics.com", "Finance & Operations"},
       {"businesscentral.dynamics.com", "Business Central"},
       {"make.powerapps.com", "the Power Apps maker portal"},
       {"admin.powerplatform.microsoft.com", "the Power Platform admin centre"},
       {"sharepoint.com", "SharePoint"}}};
  for (const auto& [suffix, what] : known)
    if (host.ends_with(suffix)) return "this is " + std::string(what) + "; ";
  return "";
}

constexpr std::array<std::string_view, 2> pages{"/main.aspx", "/api/data/v9.2"};
constexpr AccountHosts organisations{"a Dynamics 365 organisation", "https://contoso.crm4.dynamics.com",
                                     organisation_host, advice, pages};

// An id or a domain. "common" and "organizations" name nobody, and client credentials need somebody.
bool is_tenant(std::string_view text) {
  if (text.empty() || text.size() > 253 || text == "common" || text == "organizations" || text == "consumers")
    return false;
  const bool plain = std::ranges::all_of(
      text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.'; });
  return plain && text.front() != '.' && text.find("..") == std::string_view::npos;
}

bool is_sign_in(std::string_view text) { return text == "client_credentials" || text == "oauth"; }

constexpr std::array<std::string_view, 3> sign_in_hosts{
    "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"};
constexpr SignInPlaces microsoft{"Microsoft", "https://login.microsoftonline.com", sign_in_hosts};

constexpr std::array<SettingRule, 2> settings{
    {{"sign_in", is_sign_in, "sign_in is client_credentials or oauth"},
     {"sign_in_tenant", is_tenant, "sign_in_tenant is neither the id nor a domain of an Entra tenant",
      "sign_in_tenant is missing: the id or a domain of the customer's Entra tenant"}}};

}  // namespace

Result<std::string> canonical_url(std::string_view pasted, AddressRules rules) {
  return base_url_in(pasted, rules, organisations);
}

Result<void> check_settings(const Connection& connection, AddressRules rules) {
  return check(connection, rules, settings, microsoft);
}

bool signs_in_by_person(const Connection& connection) { return setting_of(connection, "sign_in") == "oauth"; }

std::string sign_in_url(const Connection& connection) { return sign_in_url_of(connection, microsoft); }

std::string company_in(const std::string& base) { return account_name_in(base, organisations); }

std::string link_to(const std::string& base, std::string_view table, std::string_view id) {
  return base + "/main.aspx?pagetype=entityrecord&etn=" + std::string(table) + "&id=" + std::string(id);
}

}  // namespace aftercall::crm::dynamics365
