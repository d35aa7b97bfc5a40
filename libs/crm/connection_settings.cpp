#include "crm/connection_settings.hpp"

#include <algorithm>

#include "http/url.hpp"

namespace aftercall::crm {
namespace {

constexpr std::string_view sign_in_url = "sign_in_url";

bool may_sign_in(const http::Url& url, AddressRules rules, const SignInPlaces& places) {
  if (rules.allow_loopback && http::is_loopback(url.host)) return true;
  return url.scheme == "https" && url.port == 443 && url.target == "/" &&
         std::ranges::find(places.hosts, url.host) != places.hosts.end();
}

std::string mistake_in(const std::string& name, const std::string& value, AddressRules rules,
                       std::span<const SettingRule> known, const SignInPlaces& places) {
  if (name == sign_in_url) {
    const auto url = http::parse_url(value);
    if (url && may_sign_in(*url, rules, places)) return {};
    return "sign_in_url is no sign-in address of " + std::string(places.vendor) + "; leave it out for " +
           std::string(places.usual);
  }
  const auto rule = std::ranges::find(known, name, &SettingRule::name);
  if (rule == known.end()) return "unknown setting " + name;
  return rule->valid(value) ? "" : std::string(rule->otherwise);
}

}  // namespace

std::string setting_of(const Connection& connection, std::string_view name) {
  const auto found = connection.settings.find(std::string(name));
  return found == connection.settings.end() ? "" : found->second;
}

Result<void> check(const Connection& connection, AddressRules rules, std::span<const SettingRule> known,
                   const SignInPlaces& places) {
  std::string wrong;
  const auto add = [&](std::string_view what) {
    if (!what.empty()) wrong.append(wrong.empty() ? "" : "; ").append(what);
  };
  for (const auto& [name, value] : connection.settings) add(mistake_in(name, value, rules, known, places));
  for (const auto& rule : known)
    if (!connection.settings.contains(std::string(rule.name))) add(rule.missing);
  if (wrong.empty()) return {};
  return fail(Cause::Malformed, wrong);
}

std::string sign_in_url_of(const Connection& connection, const SignInPlaces& places) {
  auto url = setting_of(connection, sign_in_url);
  if (url.empty()) url = places.usual;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace aftercall::crm
