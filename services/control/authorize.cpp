#include "control/authorize.hpp"

#include <openssl/crypto.h>

#include <array>

#include "config/tree.hpp"
#include "control/private_file.hpp"
#include "policy/digest.hpp"

namespace aftercall::control {
namespace {

// Who may call what. A stage gets tokens and nothing else; nobody but a stage gets tokens.
struct Row {
  std::string_view method;
  bool admin, operator_, viewer, stage;
};

constexpr std::array rows{
    Row{"Configuration/Apply", true, false, false, false},
    Row{"Tenants/Get", true, true, true, false},
    Row{"Tenants/List", true, true, true, false},
    Row{"Tenants/Delete", true, false, false, false},
    Row{"Sources/Get", true, true, true, false},
    Row{"Sources/List", true, true, true, false},
    Row{"Sources/Delete", true, false, false, false},
    Row{"Connections/Get", true, true, true, false},
    Row{"Connections/List", true, true, true, false},
    Row{"Connections/Connect", true, true, false, false},
    Row{"Connections/Probe", true, true, false, false},
    Row{"Connections/Disconnect", true, false, false, false},
    Row{"Connections/Delete", true, false, false, false},
    Row{"Credentials/Lease", false, false, false, true},
    Row{"Sessions/Get", true, true, true, false},
    Row{"Sessions/Search", true, true, true, false},
    Row{"Deferred/List", true, true, true, false},
    Row{"Deferred/Release", true, true, false, false},
    Row{"Deferred/Discard", true, true, false, false},
    Row{"Status/Get", true, true, true, false},
};

constexpr std::string_view package = "/aftercall.control.v1.";
constexpr std::size_t shortest_token = 20;

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// One [[token]] table; mistakes are noted in it.
KnownToken read_token(config::Table& table) {
  KnownToken token;
  Secret clear;
  table.require("name", token.caller.name);
  if (!table.has("role")) table.wrong("", "role is missing: admin, operator, viewer or stage");
  table.read_one_of("role", token.caller.role,
                    {{"admin", Role::Admin},
                     {"operator", Role::Operator},
                     {"viewer", Role::Viewer},
                     {"stage", Role::Stage}});
  const bool hashed = table.read("sha256", token.sha256);
  if (table.read("token", clear) == hashed) table.wrong("", "give either token or sha256");
  if (hashed && token.sha256.size() != 64)
    table.wrong("sha256", "must be 64 hexadecimal digits, in lower case");
  if (hashed) return token;
  if (clear.reveal().size() < shortest_token) table.wrong("token", "must have at least 20 characters");
  token.sha256 = sha256_hex(clear.reveal());
  return token;
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::Admin:
      return "admin";
    case Role::Operator:
      return "operator";
    case Role::Viewer:
      return "viewer";
    case Role::Stage:
      return "stage";
  }
  return "";
}

Result<std::vector<KnownToken>> load_tokens(const std::string& path) {
  if (auto closed = check_private(path); !closed) return tl::unexpected(closed.error());
  auto tree = config::load(path);
  if (!tree) return tl::unexpected(tree.error());
  std::vector<KnownToken> tokens;
  for (auto& table : tree->root().tables("token")) tokens.push_back(read_token(table));
  if (auto right = tree->finish(); !right) return tl::unexpected(right.error());
  if (tokens.empty()) return fail(Cause::SetupIncomplete, path + " names no token: nobody could call");
  return tokens;
}

std::optional<Caller> caller_of(const std::vector<KnownToken>& tokens, std::string_view authorization) {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization.starts_with(scheme)) return std::nullopt;
  const std::string presented = sha256_hex(authorization.substr(scheme.size()));
  std::optional<Caller> caller;
  for (const auto& token : tokens)
    if (same(presented, token.sha256)) caller = token.caller;
  return caller;
}

bool may(Role role, std::string_view method) {
  if (!method.starts_with(package)) return false;
  method.remove_prefix(package.size());
  for (const auto& row : rows) {
    if (row.method != method) continue;
    switch (role) {
      case Role::Admin:
        return row.admin;
      case Role::Operator:
        return row.operator_;
      case Role::Viewer:
        return row.viewer;
      case Role::Stage:
        return row.stage;
    }
  }
  return false;
}

}  // namespace aftercall::control
