#pragma once
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "domain/failure.hpp"
#include "domain/secret.hpp"
#include "http/message.hpp"

namespace aftercall::crm {

struct Token {
  Secret access;
  std::chrono::seconds expires_in{0};
  std::optional<Secret> refresh{};  // replaces the one that was used
  // Why `access` is not for this connection; `refresh` replaces what was used all the same.
  std::optional<Failure> useless{};
};

// What a connection's credentials are, as an admin gave them; which of them are needed follows from the
// connection's settings. Only control ever holds one.
struct Credentials {
  std::string client_id{};
  Secret client_secret{};
  std::optional<Secret> refresh_token{};
  std::optional<Secret> api_token{};
  // What a person gave and refresh_token came from by refreshing: given once more, it is older, not newer.
  std::optional<Secret> given_refresh_token{};
  bool operator==(const Credentials&) const = default;
};

// What a sign-in takes: nothing, for what an admin gave is the token, or a request whose answer holds it.
using TokenOrRequest = std::variant<Token, http::Request>;

// An API token does not expire. It is leased for so long: what it was replaced by is everywhere after that.
constexpr std::chrono::hours lease_of_an_api_token{12};
inline Token lasting(const Secret& api_token) { return {api_token, lease_of_an_api_token}; }

// SetupIncomplete, naming every one that is not there.
struct Needed {
  std::string_view name;
  bool there;
};
Result<void> need(std::initializer_list<Needed> credentials);

// The token in the body of a sign-in's success (RFC 6749 §5.1). ServerError, in the name of whose sign-in it
// is, for what cannot be one.
Result<Token> token_in(std::string_view body, std::string_view whose);

// Loopback addresses and plain http serve tests and demos only, by an explicit setting.
struct AddressRules {
  bool allow_loopback = false;
};

}  // namespace aftercall::crm
