#include "crm/pasted_address.hpp"

#include "http/url.hpp"

namespace aftercall::crm {
namespace {

// What mail programs and people put around a link.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view around = " \t\r\n<>\"'";
  const auto first = text.find_first_not_of(around);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(around) - first + 1);
}

std::string with_scheme(std::string_view text) {
  return (text.find("://") == std::string_view::npos ? "https://" : "") + std::string(text);
}

// What comes before the path: only that is used, and paths of pasted links hold characters that no URL may.
std::string without_path(const std::string& text) {
  return text.substr(0, text.find_first_of("/?#", text.find("://") + 3));
}

Result<std::string> on_this_machine(const std::string& text, const http::Url& origin,
                                    std::span<const std::string_view> pages) {
  const auto whole = http::parse_url(text);
  if (!whole) return tl::unexpected(whole.error());
  std::string path = whole->target.substr(0, whole->target.find('?'));
  for (const auto page : pages)
    if (const auto at = path.find(page); at != std::string::npos) path.resize(at);
  while (path.ends_with('/')) path.pop_back();
  return origin.origin() + path;
}

}  // namespace

Result<std::string> base_url_in(std::string_view pasted, AddressRules rules, const AccountHosts& hosts) {
  const auto trim = trimmed(pasted);
  if (trim.empty()) return fail(Cause::Malformed, "no address was given");
  const auto text = with_scheme(trim);
  const auto url = http::parse_url(without_path(text));
  if (!url) return fail(Cause::Malformed, "not an address: " + url.error().detail);
  if (rules.allow_loopback && http::is_loopback(url->host)) return on_this_machine(text, *url, hosts.pages);
  const bool usual_port = url->port == 443 || (url->scheme == "http" && url->port == 80);
  const auto host = hosts.host_of(url->host);
  if (host && usual_port) return "https://" + *host;
  return fail(Cause::Rejected, url->host + " is no address of " + std::string(hosts.account) + ": " +
                                   hosts.advice(url->host) + "expected something like " +
                                   std::string(hosts.example));
}

std::string account_name_in(const std::string& base, const AccountHosts& hosts) {
  const auto url = http::parse_url(base);
  if (!url) return base;
  if (const auto host = hosts.host_of(url->host)) return host->substr(0, host->find('.'));
  const auto last = url->target.rfind('/');
  return last + 1 == url->target.size() ? url->authority() : url->target.substr(last + 1);
}

}  // namespace aftercall::crm
