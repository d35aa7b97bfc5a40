#include "crm/connection_settings.hpp"

#include <array>

#include <gmock/gmock.h>

namespace aftercall::crm {
namespace {

bool is_colour(std::string_view text) { return text == "red" || text == "blue"; }
constexpr std::array<SettingRule, 2> rules{
    {{"colour", is_colour, "colour is red or blue"}, {"size", is_colour, "", "size is missing"}}};
constexpr std::array<std::string_view, 2> hosts{"login.crm.example", "login.crm.test"};
constexpr SignInPlaces places{"the vendor", "https://login.crm.example", hosts};

Connection with(std::map<std::string, std::string> settings) {
  Connection connection;
  connection.settings = std::move(settings);
  return connection;
}
std::string said(std::map<std::string, std::string> settings, AddressRules address = {}) {
  const auto checked = check(with(std::move(settings)), address, rules, places);
  return checked ? "" : checked.error().detail;
}
bool may_sign_in_at(const std::string& url, AddressRules address = {}) {
  return said({{"size", "red"}, {"sign_in_url", url}}, address).empty();
}

TEST(ConnectionSettings, EveryMistakeIsNamedAtOnce) {
  EXPECT_EQ(said({{"size", "red"}, {"colour", "blue"}}), "");
  EXPECT_EQ(said({{"colour", "green"}, {"shape", "x"}, {"sign_in_url", "https://evil.example"}}),
            "colour is red or blue; unknown setting shape; sign_in_url is no sign-in address of the vendor; "
            "leave it out for https://login.crm.example; size is missing");
}

TEST(ConnectionSettings, ASecretIsSentToTheVendorsSignInOnly) {
  EXPECT_TRUE(may_sign_in_at("https://login.crm.example"));
  EXPECT_TRUE(may_sign_in_at("https://LOGIN.crm.test:443/"));
  for (const auto* const url :
       {"", "login.crm.example", "http://login.crm.example", "http://login.crm.example:443",
        "https://login.crm.example:8443", "https://login.crm.example/x", "https://login.crm.example?x",
        "https://login.crm.example.", "https://login.crm.example.evil.example", "https://evil.example",
        "https://me@login.crm.example", "https://login.crm.example@evil.example",
        "https://login%2ecrm.example", "https://[::1]", "http://127.0.0.1:8410", "https://localhost"})
    EXPECT_FALSE(may_sign_in_at(url)) << url;
}

TEST(ConnectionSettings, ASimulatorsSignInNeedsTheDevelopersSetting) {
  const AddressRules developer{.allow_loopback = true};
  for (const auto* const url : {"http://127.0.0.1:8410/login", "http://localhost:1", "http://[::1]:1"}) {
    EXPECT_FALSE(may_sign_in_at(url)) << url;
    EXPECT_TRUE(may_sign_in_at(url, developer)) << url;
  }
  for (const auto* const url : {"http://10.0.0.1", "http://127.0.0.1@evil.example", "https://evil.example",
                                "http://login.crm.example"})
    EXPECT_FALSE(may_sign_in_at(url, developer)) << url;
}

TEST(ConnectionSettings, TheSignInIsTheUsualOneWhereNothingElseIsSaid) {
  EXPECT_EQ(sign_in_url_of(with({}), places), "https://login.crm.example");
  EXPECT_EQ(sign_in_url_of(with({{"sign_in_url", "https://login.crm.test//"}}), places),
            "https://login.crm.test");
}

}  // namespace
}  // namespace aftercall::crm
