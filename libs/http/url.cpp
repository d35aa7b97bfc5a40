#include "http/url.hpp"

#include <arpa/inet.h>
#include <uriparser/Uri.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

namespace aftercall::http {
namespace {

constexpr std::size_t longest_url = 16UL * 1024;
constexpr std::size_t longest_host = 253;  // RFC 1035

struct FreeMembers {
  void operator()(UriUriA* uri) const { uriFreeUriMembersA(uri); }
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view view(const UriTextRangeA& range) {
  return range.first == nullptr
             ? std::string_view{}
             : std::string_view(range.first, static_cast<std::size_t>(range.afterLast - range.first));
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The WHATWG's "ends in a number": old resolvers read such names as addresses (127.1, 0x7f.1, 2130706433).
bool ends_in_number(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto label = host.substr(host.rfind('.') + 1);
  return !label.empty() && (std::all_of(label.begin(), label.end(), is_digit) || label.starts_with("0x"));
}

bool is_name(std::string_view host) {
  return host.size() <= longest_host && host.find("..") == std::string_view::npos && !host.starts_with('.') &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
         });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::uint16_t port_of(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

bool is_loopback_v4(const std::uint8_t* address) { return address[0] == 127 || address[0] == 0; }

bool is_loopback_v6(const in6_addr& address) {
  const std::uint8_t* bytes = address.s6_addr;
  static constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr std::array<std::uint8_t, 15> zeros{};
  if (std::memcmp(bytes, mapped.data(), mapped.size()) == 0) return is_loopback_v4(bytes + mapped.size());
  return std::memcmp(bytes, zeros.data(), zeros.size()) == 0 && bytes[15] <= 1;  // :: and ::1
}

Result<std::string> host_of(const UriUriA& uri) {
  const std::string host = lower(view(uri.hostText));
  if (host.empty()) return fail(Cause::Malformed, "URL without a host");
  if (uri.hostData.ip6 != nullptr || is_ipv4(host)) return host;
  if (uri.hostData.ipFuture.first != nullptr || !is_name(host) || ends_in_number(host))
    return fail(Cause::Malformed, "URL whose host is neither a name nor an address");
  return host;
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == port_of(scheme) ? name : name + ":" + std::to_string(port);
}

std::string Url::origin() const { return scheme + "://" + authority(); }

Result<Url> parse_url(std::string_view text) {
  if (text.size() > longest_url) return fail(Cause::Malformed, "URL longer than 16 KiB");
  const char* stopped = nullptr;
  UriUriA parsed{};
  if (uriParseSingleUriExA(&parsed, text.data(), text.data() + text.size(), &stopped) != URI_SUCCESS)
    return fail(Cause::Malformed, "no URL");  // its members are freed already
  const std::unique_ptr<UriUriA, FreeMembers> uri(&parsed);
  Url url;
  url.scheme = lower(view(uri->scheme));
  if (url.scheme != "https" && url.scheme != "http")
    return fail(Cause::Malformed, "URL that is not http or https");
  if (uri->userInfo.first != nullptr) return fail(Cause::Malformed, "URL with a user name");
  if (uri->fragment.first != nullptr) return fail(Cause::Malformed, "URL with a fragment");
  auto host = host_of(*uri);
  if (!host) return tl::unexpected(host.error());
  url.host = std::move(*host);
  url.port = port_of(url.scheme);
  if (const auto port = view(uri->portText); !port.empty()) {
    const auto number = parse_port(port);
    if (!number) return fail(Cause::Malformed, "URL whose port is not between 1 and 65535");
    url.port = *number;
  }
  const auto authority_end = text.find_first_of("/?", url.scheme.size() + 3);
  const auto rest = authority_end == std::string_view::npos ? std::string_view{} : text.substr(authority_end);
  url.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return url;
}

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
}

bool is_loopback(std::string_view host) {
  std::string name = lower(host);
  if (name.ends_with('.')) name.pop_back();
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  if (name == "localhost" || name.ends_with(".localhost")) return true;
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1)
    return is_loopback_v4(reinterpret_cast<const std::uint8_t*>(&v4.s_addr));
  return inet_pton(AF_INET6, name.c_str(), &v6) == 1 && is_loopback_v6(v6);
}

}  // namespace aftercall::http
