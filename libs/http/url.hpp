#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/failure.hpp"

namespace aftercall::http {

// An absolute http or https URL, split and normalised: scheme and host in lower case, the port filled in.
struct Url {
  std::string scheme;
  std::string host;  // a name, an IPv4 address, or an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string target;  // path and query as they were written; at least "/"

  std::string authority() const;  // for the Host field: the port only when it is not the scheme's own
  std::string origin() const;     // scheme://authority
};

// Refuses (Malformed, with what is wrong) what a request has no use for or what readers disagree on: user
// names, fragments, other schemes, hosts such as 127.1 or 0x7f000001 that some resolvers take for addresses.
Result<Url> parse_url(std::string_view text);

// This machine, by name or address, including those that mean "any address" and IPv4 inside IPv6.
bool is_loopback(std::string_view host);

// One part of a host's name, in lower case (RFC 1123).
bool is_label(std::string_view text);

std::string percent_encode(std::string_view text);                 // all but RFC 3986's unreserved characters
std::optional<std::string> percent_decode(std::string_view text);  // nothing for a broken escape; '+' is '+'

// A body of application/x-www-form-urlencoded.
std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

// A received request's target: its path, decoded segment by segment, and its query's pairs, decoded ('+' is a
// space there). Nothing for a target that is not in origin form or has a broken escape.
struct Target {
  std::string path;  // as it was sent
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
};
std::optional<Target> parse_target(std::string_view target);

}  // namespace aftercall::http
