#include "address.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <optional>
#include <vector>

#include "http/url.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view around = " \t\r\n<>\"'";
  const auto first = text.find_first_not_of(around);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(around) - first + 1);
}

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

// The organisation's name in a host such as contoso.api.crm4.dynamics.com; nothing for every other host.
std::optional<std::string> organisation_of(std::string_view host) {
  if (!take_region(host)) return std::nullopt;
  take_suffix(host, ".api");
  if (!http::is_label(host) || host.starts_with("xn--")) return std::nullopt;
  for (const auto* const service :
       {"disco", "globaldisco", "dev", "www", "admin"})  // of the region, no organisation's
    if (host == service) return std::nullopt;
  return std::string(host);
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

// What comes before the path: only that is used, and paths of pasted links hold characters that no URL may.
std::string without_path(std::string_view text) {
  const auto scheme = text.find("://");
  const auto start = scheme == std::string_view::npos ? 0 : scheme + 3;
  std::string authority(text.substr(0, text.find_first_of("/?#", start)));
  return scheme == std::string_view::npos ? "https://" + authority : authority;
}

// Simulators serve several organisations below one address, told apart by their path.
Result<std::string> loopback(std::string_view pasted, const http::Url& origin) {
  const auto whole = http::parse_url(
      pasted.find("://") == std::string_view::npos ? "https://" + std::string(pasted) : std::string(pasted));
  if (!whole) return tl::unexpected(whole.error());
  std::string path = whole->target.substr(0, whole->target.find_first_of("?#"));
  for (const auto* const page : {"/main.aspx", "/api/data/v9.2"})
    if (const auto at = path.find(page); at != std::string::npos) path.resize(at);
  while (path.ends_with('/')) path.pop_back();
  return origin.origin() + path;
}

bool may_sign_in(const http::Url& url, AddressRules rules) {
  if (rules.allow_loopback && http::is_loopback(url.host)) return true;
  if (url.scheme != "https" || url.port != 443 || url.target != "/") return false;
  return url.host == "login.microsoftonline.com" || url.host == "login.microsoftonline.us" ||
         url.host == "login.partner.microsoftonline.cn";
}

// An id or a domain. "common" and "organizations" name nobody, and client credentials need somebody.
bool is_tenant(std::string_view text) {
  if (text.empty() || text.size() > 253 || text == "common" || text == "organizations" || text == "consumers")
    return false;
  const bool plain = std::ranges::all_of(
      text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.'; });
  return plain && text.front() != '.' && text.find("..") == std::string_view::npos;
}

std::string mistake_in(const std::string& name, const std::string& value, AddressRules rules) {
  if (name == "sign_in_tenant")
    return is_tenant(value) ? "" : "sign_in_tenant is neither the id nor a domain of an Entra tenant";
  if (name == "sign_in")
    return value == "client_credentials" || value == "oauth" ? "" : "sign_in is client_credentials or oauth";
  if (name != "sign_in_url") return "unknown setting " + name;
  const auto url = http::parse_url(value);
  if (url && may_sign_in(*url, rules)) return "";
  return "sign_in_url is no sign-in address of Microsoft; leave it out for " + std::string(usual_sign_in);
}

}  // namespace

Result<std::string> canonical_url(std::string_view pasted, AddressRules rules) {
  const auto text = trimmed(pasted);
  if (text.empty()) return fail(Cause::Malformed, "no address was given");
  auto url = http::parse_url(without_path(text));
  if (!url) return fail(Cause::Malformed, "not an address: " + url.error().detail);
  if (rules.allow_loopback && http::is_loopback(url->host)) return loopback(text, *url);
  const bool usual_port = url->port == 443 || (url->scheme == "http" && url->port == 80);
  const auto organisation = organisation_of(url->host);
  if (!organisation || !usual_port)
    return fail(Cause::Rejected, url->host +
                                     " is no address of a Dynamics 365 organisation: " + advice(url->host) +
                                     "expected something like https://contoso.crm4.dynamics.com");
  std::string host = url->host;
  if (const auto api = host.find(".api."); api == organisation->size()) host.erase(api, 4);
  return "https://" + host;
}

Result<void> check_settings(const Connection& connection, AddressRules rules) {
  std::string wrong;
  for (const auto& [name, value] : connection.settings)
    if (const auto what = mistake_in(name, value, rules); !what.empty()) wrong += what + "; ";
  if (!connection.settings.contains("sign_in_tenant"))
    wrong += "sign_in_tenant is missing: the id or a domain of the customer's Entra tenant; ";
  if (wrong.empty()) return {};
  wrong.resize(wrong.size() - 2);
  return fail(Cause::Malformed, wrong);
}

bool signs_in_by_person(const Connection& connection) {
  const auto found = connection.settings.find("sign_in");
  return found != connection.settings.end() && found->second == "oauth";
}

std::string sign_in_url(const Connection& connection) {
  const auto found = connection.settings.find("sign_in_url");
  std::string url = found == connection.settings.end() ? std::string(usual_sign_in) : found->second;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string company_in(const std::string& base) {
  const auto url = http::parse_url(base);
  if (!url) return base;
  if (organisation_of(url->host)) return url->host.substr(0, url->host.find('.'));
  const auto last = url->target.rfind('/');
  return last + 1 == url->target.size() ? url->authority() : url->target.substr(last + 1);
}

std::string link_to(const std::string& base, std::string_view table, std::string_view id) {
  return base + "/main.aspx?pagetype=entityrecord&etn=" + std::string(table) + "&id=" + std::string(id);
}

}  // namespace aftercall::crm::dynamics365
