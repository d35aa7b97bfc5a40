#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/failure.hpp"
#include "domain/secret.hpp"

namespace aftercall::control {

enum class Role { Admin, Operator, Viewer, Stage };
std::string_view name_of(Role role);

// Who is behind a bearer token. Only the token's SHA-256 is known here.
struct Caller {
  std::string name;
  Role role = Role::Viewer;
};

struct KnownToken {
  Caller caller;
  std::string sha256;  // hex
};

// A file of [[token]] tables, each with `name`, `role` and either `token` or `sha256`; readable by its owner
// only.
Result<std::vector<KnownToken>> load_tokens(const std::string& path);

// `authorization` is the header's whole value. Compares in constant time, with each token.
std::optional<Caller> caller_of(const std::vector<KnownToken>& tokens, std::string_view authorization);

// `method` is "/aftercall.control.v1.<Service>/<Method>". What is in no role's list is refused to everybody.
bool may(Role role, std::string_view method);

}  // namespace aftercall::control
