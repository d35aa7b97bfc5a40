#include "address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "http/url.hpp"

namespace aftercall::crm::pipedrive {
namespace {

constexpr int usual_share = 80;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view around = " \t\r\n<>\"'";
  const auto first = text.find_first_not_of(around);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(around) - first + 1);
}

// Hosts of the vendor itself. All companies share them, or they are no company's.
constexpr std::array<std::string_view, 13> services{
    "app",     "api",       "oauth", "www",    "developers", "developer", "marketplace",
    "support", "community", "login", "status", "webhooks",   "auth"};

// The company's name in acme.pipedrive.com; nothing for every other host.
std::optional<std::string> company_of(std::string_view host) {
  constexpr std::string_view vendor = ".pipedrive.com";
  if (!host.ends_with(vendor)) return std::nullopt;
  host.remove_suffix(vendor.size());
  if (!http::is_label(host) || host.starts_with("xn--")) return std::nullopt;
  if (std::find(services.begin(), services.end(), host) != services.end()) return std::nullopt;
  return std::string(host);
}

// What comes before the path: only that is used, and paths of pasted links hold characters that no URL may.
std::string without_path(std::string_view text) {
  const auto scheme = text.find("://");
  const auto start = scheme == std::string_view::npos ? 0 : scheme + 3;
  std::string authority(text.substr(0, text.find_first_of("/?#", start)));
  return scheme == std::string_view::npos ? "https://" + authority : authority;
}

// Simulators serve several companies below one address, told apart by their path.
Result<std::string> loopback(std::string_view pasted, const http::Url& origin) {
  const auto whole = http::parse_url(
      pasted.find("://") == std::string_view::npos ? "https://" + std::string(pasted) : std::string(pasted));
  if (!whole) return tl::unexpected(whole.error());
  std::string path = whole->target.substr(0, whole->target.find_first_of("?#"));
  for (const auto* const page : {"/api/v1", "/api/v2", "/v1", "/person/", "/deal/", "/pipeline"})
    if (const auto at = path.find(page); at != std::string::npos) path.resize(at);
  while (path.ends_with('/')) path.pop_back();
  return origin.origin() + path;
}

bool may_sign_in(const http::Url& url, AddressRules rules) {
  if (rules.allow_loopback && http::is_loopback(url.host)) return true;
  return url.scheme == "https" && url.port == 443 && url.target == "/" && url.host == "oauth.pipedrive.com";
}

std::optional<int> percentage(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > 100)
    return std::nullopt;
  return number;
}

std::string mistake_in(const std::string& name, const std::string& value, AddressRules rules) {
  if (name == "sign_in")
    return value == "api_token" || value == "oauth" ? "" : "sign_in is api_token or oauth";
  if (name == "daily_share") return percentage(value) ? "" : "daily_share is a percentage, 1 to 100";
  if (name != "sign_in_url") return "unknown setting " + name;
  const auto url = http::parse_url(value);
  if (url && may_sign_in(*url, rules)) return "";
  return "sign_in_url is no sign-in address of Pipedrive; leave it out for " + std::string(usual_sign_in);
}

std::string setting(const Connection& connection, const char* name) {
  const auto found = connection.settings.find(name);
  return found == connection.settings.end() ? "" : found->second;
}

}  // namespace

Result<std::string> canonical_url(std::string_view pasted, AddressRules rules) {
  const auto text = trimmed(pasted);
  if (text.empty()) return fail(Cause::Malformed, "no address was given");
  auto url = http::parse_url(without_path(text));
  if (!url) return fail(Cause::Malformed, "not an address: " + url.error().detail);
  if (rules.allow_loopback && http::is_loopback(url->host)) return loopback(text, *url);
  const bool usual_port = url->port == 443 || (url->scheme == "http" && url->port == 80);
  const auto company = company_of(url->host);
  if (company && usual_port) return "https://" + *company + ".pipedrive.com";
  std::string why = url->host + " is no address of a Pipedrive company: ";
  if (url->host == "app.pipedrive.com") why += "all companies share it; ";
  return fail(Cause::Rejected, why + "expected something like https://acme.pipedrive.com");
}

Result<void> check_settings(const Connection& connection, AddressRules rules) {
  std::string wrong;
  for (const auto& [name, value] : connection.settings)
    if (const auto what = mistake_in(name, value, rules); !what.empty())
      wrong += (wrong.empty() ? "" : "; ") + what;
  if (wrong.empty()) return {};
  return fail(Cause::Malformed, wrong);
}

bool signs_in_by_oauth(const Connection& connection) { return setting(connection, "sign_in") == "oauth"; }

std::string sign_in_url(const Connection& connection) {
  std::string url = setting(connection, "sign_in_url");
  if (url.empty()) url = usual_sign_in;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

int daily_share(const Connection& connection) {
  return percentage(setting(connection, "daily_share")).value_or(usual_share);
}

std::string company_in(const std::string& base) {
  const auto url = http::parse_url(base);
  if (!url) return base;
  if (auto company = company_of(url->host)) return std::move(*company);
  const auto last = url->target.rfind('/');
  return last + 1 == url->target.size() ? url->authority() : url->target.substr(last + 1);
}

std::string link_to(const std::string& base, std::string_view type, std::string_view id) {
  return base + (type == "deal" ? "/deal/" : "/person/") + std::string(id);
}

}  // namespace aftercall::crm::pipedrive
