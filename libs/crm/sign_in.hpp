#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "domain/secret.hpp"

namespace aftercall::crm {

struct Token {
  Secret access;
  std::chrono::seconds expires_in{0};
  std::optional<Secret> refresh;
};

// What a connection's credentials are, as an admin gave them. Only control ever holds one.
struct Credentials {
  std::string client_id;
  Secret client_secret;
  std::optional<Secret> refresh_token;
};

// Loopback addresses and plain http serve tests and demos only, by an explicit setting.
struct AddressRules {
  bool allow_loopback = false;
};

}  // namespace aftercall::crm
