#pragma once
#include <span>
#include <string>
#include <string_view>

#include "crm/sign_in.hpp"
#include "domain/failure.hpp"
#include "domain/tenant.hpp"

// For connectors: the settings of a connection, and the one that all of them have, sign_in_url.
namespace aftercall::crm {

// "" for a setting that is not there.
std::string setting_of(const Connection& connection, std::string_view name);

struct SettingRule {
  std::string_view name;
  bool (*valid)(std::string_view value) = nullptr;
  std::string_view otherwise;  // what is said of a wrong value
  std::string_view missing{};  // and when it is not there; "" for what may be left out
};

// Where a vendor's people and applications sign in. A client secret is sent there, and nowhere else.
struct SignInPlaces {
  std::string_view vendor;  // "Microsoft"
  std::string_view usual;   // "https://login.microsoftonline.com"
  std::span<const std::string_view> hosts;
};

// Malformed, naming every mistake at once: unknown settings, wrong values, and what is missing.
Result<void> check(const Connection& connection, AddressRules rules, std::span<const SettingRule> known,
                   const SignInPlaces& places);

// Without a slash at its end.
std::string sign_in_url_of(const Connection& connection, const SignInPlaces& places);

}  // namespace aftercall::crm
