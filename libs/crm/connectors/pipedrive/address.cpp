#include "address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "crm/connection_settings.hpp"
#include "crm/pasted_address.hpp"
#include "http/url.hpp"

namespace aftercall::crm::pipedrive {
namespace {

constexpr int usual_share = 80;

// Hosts of the vendor itself. All companies share them, or they are no company's.
constexpr std::array<std::string_view, 13> services{
    "app",     "api",       "oauth", "www",    "developers", "developer", "marketplace",
    "support", "community", "login", "status", "webhooks",   "auth"};

// acme.pipedrive.com
std::optional<std::string> company_host(std::string_view host) {
  constexpr std::string_view vendor = ".pipedrive.com";
  if (!host.ends_with(vendor)) return std::nullopt;
  const auto company = host.substr(0, host.size() - vendor.size());
  if (!http::is_label(company) || company.starts_with("xn--")) return std::nullopt;
  if (std::ranges::find(services, company) != services.end()) return std::nullopt;
  return std::string(host);
}

std::string advice(std::string_view host) {
  return host == "app.pipedrive.com" ? "all companies share it; " : "";
}

constexpr std::array<std::string_view, 6> pages{"/api/v1",  "/api/v2", "/v1",
                                                "/person/", "/deal/",  "/pipeline"};
constexpr AccountHosts companies{"a Pipedrive company", "https://acme.pipedrive.com", company_host, advice,
                                 pages};

bool is_sign_in(std::string_view text) { return text == "api_token" || text == "oauth"; }

std::optional<int> percentage(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > 100)
    return std::nullopt;
  return number;
}

bool is_percentage(std::string_view text) { return percentage(text).has_value(); }

constexpr std::array<std::string_view, 1> sign_in_hosts{"oauth.pipedrive.com"};
constexpr SignInPlaces vendor{"Pipedrive", "https://oauth.pipedrive.com", sign_in_hosts};

constexpr std::array<SettingRule, 2> settings{
    {{"sign_in", is_sign_in, "sign_in is api_token or oauth"},
     {"daily_share", is_percentage, "daily_share is a percentage, 1 to 100"}}};

}  // namespace

Result<std::string> canonical_url(std::string_view pasted, AddressRules rules) {
  return base_url_in(pasted, rules, companies);
}

Result<void> check_settings(const Connection& connection, AddressRules rules) {
  return check(connection, rules, settings, vendor);
}

bool signs_in_by_oauth(const Connection& connection) { return setting_of(connection, "sign_in") == "oauth"; }

std::string sign_in_url(const Connection& connection) { return sign_in_url_of(connection, vendor); }

int daily_share(const Connection& connection) {
  return percentage(setting_of(connection, "daily_share")).value_or(usual_share);
}

std::string company_in(const std::string& base) { return account_name_in(base, companies); }

std::string link_to(const std::string& base, std::string_view type, std::string_view id) {
  return base + (type == "deal" ? "/deal/" : "/person/") + std::string(id);
}

}  // namespace aftercall::crm::pipedrive
