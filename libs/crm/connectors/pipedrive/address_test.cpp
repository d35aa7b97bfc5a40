#include "address.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::pipedrive {
namespace {

using testing::HasSubstr;

Connection with(std::map<std::string, std::string> settings) {
  Connection connection;
  connection.settings = std::move(settings);
  return connection;
}

TEST(Address, IsFoundInWhateverAnAdminPastes) {
  for (const auto* const pasted :
       {"acme.pipedrive.com", "https://acme.pipedrive.com", "  https://acme.pipedrive.com/ \n",
        "HTTPS://Acme.Pipedrive.com/pipeline/1/user/everyone", "http://acme.pipedrive.com/person/7#x",
        "<https://acme.pipedrive.com/deal/52?x={1}>", "https://acme.pipedrive.com:443/api/v1/notes"}) {
    const auto url = canonical_url(pasted, {});
    ASSERT_TRUE(url) << pasted << ": " << url.error().detail;
    EXPECT_EQ(*url, "https://acme.pipedrive.com") << pasted;
  }
}

TEST(Address, WhatIsNoCompanyIsRefused) {
  for (const auto* const pasted : {"",
                                   "acme",
                                   "https://",
                                   "https://pipedrive.com",
                                   "https://app.pipedrive.com/deals",
                                   "https://api.pipedrive.com/v1",
                                   "https://oauth.pipedrive.com",
                                   "https://www.pipedrive.com",
                                   "https://a.b.pipedrive.com",
                                   "https://evil.example",
                                   "https://acme.pipedrive.com.evil.example",
                                   "https://acmepipedrive.com",
                                   "https://evil.example/acme.pipedrive.com",
                                   "https://evil.example?https://acme.pipedrive.com",
                                   "https://evil.example#.pipedrive.com",
                                   "https://acme.pipedrive.com@evil.example",
                                   "https://evil.example\\@acme.pipedrive.com",
                                   "https://user:pw@acme.pipedrive.com",
                                   "https://acme.pipedrive.com:8443",
                                   "https://acme.pipedrive.com.",
                                   "https://-acme.pipedrive.com",
                                   "https://xn--cme-xxa.pipedrive.com",
                                   "https://\xC3\xA5.pipedrive.com",
                                   "ftp://acme.pipedrive.com",
                                   "file:///etc/passwd",
                                   "https://10.0.0.1",
                                   "https://[::1]",
                                   "http://localhost:8410/companies/acme",
                                   "http://127.0.0.1:8410"})
    EXPECT_FALSE(canonical_url(pasted, {})) << pasted;
  EXPECT_THAT(canonical_url("https://app.pipedrive.com/deals", {}).error().detail, HasSubstr("share"));
}

TEST(Address, OfASimulatorNeedsTheDevelopersSetting) {
  const AddressRules developer{.allow_loopback = true};
  for (const auto* const pasted :
       {"http://127.0.0.1:8410/companies/acme", "http://127.0.0.1:8410/companies/acme/",
        "http://127.0.0.1:8410/companies/acme/api/v1/users/me",
        "http://127.0.0.1:8410/companies/acme/person/7?x"})
    EXPECT_EQ(canonical_url(pasted, developer).value_or("refused"), "http://127.0.0.1:8410/companies/acme")
        << pasted;
  EXPECT_FALSE(canonical_url("http://10.0.0.1/companies/acme", developer));
}

TEST(Address, NamesTheCompany) {
  EXPECT_EQ(company_in("https://acme.pipedrive.com"), "acme");
  EXPECT_EQ(company_in("http://127.0.0.1:8410/companies/acme"), "acme");
  EXPECT_EQ(company_in("http://127.0.0.1:8410"), "127.0.0.1:8410");
}

TEST(Settings, AreAllOptional) {
  EXPECT_TRUE(check_settings(with({}), {}));
  EXPECT_FALSE(signs_in_by_oauth(with({})));
  EXPECT_EQ(sign_in_url(with({})), "https://oauth.pipedrive.com");
  EXPECT_EQ(daily_share(with({})), 80);
  const auto given =
      with({{"sign_in", "oauth"}, {"sign_in_url", "https://oauth.pipedrive.com/"}, {"daily_share", "100"}});
  EXPECT_TRUE(check_settings(given, {}));
  EXPECT_TRUE(signs_in_by_oauth(given));
  EXPECT_EQ(sign_in_url(given), "https://oauth.pipedrive.com");
  EXPECT_EQ(daily_share(given), 100);
}

TEST(Settings, EveryMistakeIsNamedAtOnce) {
  const auto checked = check_settings(with({{"sign_in", "password"},
                                            {"sign_in_url", "https://evil.example"},
                                            {"daily_share", "0"},
                                            {"colour", "x"}}),
                                      {});
  ASSERT_FALSE(checked);
  for (const auto* const word : {"sign_in is", "sign_in_url", "daily_share", "colour"})
    EXPECT_THAT(checked.error().detail, HasSubstr(word));
}

TEST(Settings, ASimulatorsSignInNeedsTheDevelopersSetting) {
  const auto given = with({{"sign_in_url", "http://127.0.0.1:8410"}});
  EXPECT_FALSE(check_settings(given, {}));
  EXPECT_TRUE(check_settings(given, {.allow_loopback = true}));
}

TEST(Settings, AShareIsAPercentage) {
  for (const auto* const share : {"0", "101", "-5", "80%", "", "1e1", "99999999999999999999"})
    EXPECT_FALSE(check_settings(with({{"daily_share", share}}), {})) << share;
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
