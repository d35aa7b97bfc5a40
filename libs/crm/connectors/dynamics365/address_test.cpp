#include "address.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::dynamics365 {
namespace {

using testing::HasSubstr;

TEST(Address, IsFoundInWhateverAnAdminPastes) {
  for (const auto* const pasted :
       {"contoso.crm4.dynamics.com", "https://contoso.crm4.dynamics.com",
        "  https://contoso.crm4.dynamics.com/ \n",
        "HTTPS://Contoso.CRM4.Dynamics.com/main.aspx?appid=1&id=%7B22222222-0000-0000-0000-000000000001%7D",
        "http://contoso.crm4.dynamics.com/main.aspx?etc=2&id={22222222}#x",
        "<https://contoso.api.crm4.dynamics.com>",
        "https://contoso.crm4.dynamics.com:443/api/data/v9.2/contacts(1)"}) {
    const auto url = canonical_url(pasted, {});
    ASSERT_TRUE(url) << pasted << ": " << url.error().detail;
    EXPECT_EQ(*url, "https://contoso.crm4.dynamics.com") << pasted;
  }
}

TEST(Address, EveryRegionAndCloudIsKnown) {
  for (const std::string host :
       {"a.crm.dynamics.com", "a.crm2.dynamics.com", "a.crm21.dynamics.com", "a.crm.dynamics.cn",
        "a.crm.microsoftdynamics.us", "a.crm.appsplatform.us", "a-1.crm99.dynamics.com"})
    EXPECT_EQ(canonical_url(host, {}).value_or("refused"), "https://" + host);
}

TEST(Address, WhatIsNoOrganisationIsRefused) {
  for (const auto* const pasted : {"",
                                   "https://",
                                   "contoso",
                                   "https://dynamics.com",
                                   "https://crm4.dynamics.com",
                                   "https://evil.example",
                                   "https://contoso.crm4.dynamics.com.evil.example",
                                   "https://evil.example/contoso.crm4.dynamics.com",
                                   "https://evil.example?https://contoso.crm4.dynamics.com",
                                   "https://evil.example#.crm4.dynamics.com",
                                   "https://contoso.crm4.dynamics.com@evil.example",
                                   "https://evil.example\\@contoso.crm4.dynamics.com",
                                   "https://user:pw@contoso.crm4.dynamics.com",
                                   "https://contoso.crm4.dynamics.com:8443",
                                   "https://contoso.crm4.dynamics.com.",
                                   "https://a.b.crm4.dynamics.com",
                                   "https://contoso.crm1.dynamics.com",
                                   "https://contoso.crm04.dynamics.com",
                                   "https://contoso.crm100.dynamics.com",
                                   "https://contoso.crmx.dynamics.com",
                                   "https://-contoso.crm4.dynamics.com",
                                   "https://xn--cntoso-xxa.crm4.dynamics.com",
                                   "https://c\xC3\xB6ntoso.crm4.dynamics.com",
                                   "https://disco.crm4.dynamics.com",
                                   "https://globaldisco.crm.dynamics.com",
                                   "https://admin.crm4.dynamics.com",
                                   "ftp://contoso.crm4.dynamics.com",
                                   "file:///etc/passwd",
                                   "https://10.0.0.1",
                                   "https://169.254.169.254/latest",
                                   "https://[::1]/",
                                   "http://127.0.0.1:8410",
                                   "https://localhost",
                                   "https://contoso.crm4.dynamics.com\r\nHost: evil.example"})
    EXPECT_FALSE(canonical_url(pasted, {})) << pasted;
}

TEST(Address, SaysWhatTheAddressIsInstead) {
  EXPECT_THAT(canonical_url("https://x.operations.dynamics.com", {}).error().detail,
              HasSubstr("Finance & Operations"));
  EXPECT_THAT(canonical_url("https://make.powerapps.com/x", {}).error().detail, HasSubstr("maker portal"));
}

TEST(Address, LoopbackOnlyByTheDevelopersSetting) {
  EXPECT_FALSE(canonical_url("http://127.0.0.1:8410/orgs/contoso", {}));
  const AddressRules rules{.allow_loopback = true};
  EXPECT_EQ(*canonical_url("http://127.0.0.1:8410/orgs/contoso/main.aspx?etn=contact", rules),
            "http://127.0.0.1:8410/orgs/contoso");
  EXPECT_EQ(*canonical_url("http://localhost:8410/", rules), "http://localhost:8410");
  EXPECT_FALSE(canonical_url("http://10.0.0.1:8410/orgs/contoso", rules));
}

Connection with(std::map<std::string, std::string> settings) {
  Connection connection;
  connection.settings = std::move(settings);
  return connection;
}

TEST(Settings, NameTheSignInsTenant) {
  EXPECT_TRUE(check_settings(with({{"sign_in_tenant", "contoso.example"}}), {}));
  EXPECT_TRUE(check_settings(
      with({{"sign_in_tenant", "t"}, {"sign_in_url", "https://login.microsoftonline.us"}}), {}));
  EXPECT_TRUE(check_settings(with({{"sign_in_tenant", "t"}, {"sign_in", "oauth"}}), {}));
  EXPECT_FALSE(check_settings(with({{"sign_in_tenant", "t"}, {"sign_in", "api_token"}}), {}));
}

TEST(Settings, EveryMistakeIsNamedAtOnce) {
  const auto wrong = check_settings(with({{"colour", "red"}, {"sign_in_url", "https://evil.example"}}), {});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().detail, HasSubstr("colour"));
  EXPECT_THAT(wrong.error().detail, HasSubstr("sign_in_url"));
  EXPECT_THAT(wrong.error().detail, HasSubstr("sign_in_tenant is missing"));
}

TEST(Settings, ASecretIsNeverSentAnywhereElse) {
  for (const auto* const url :
       {"http://login.microsoftonline.com", "https://login.microsoftonline.com.evil.example",
        "https://login.microsoftonline.com/x", "https://login.microsoftonline.com:8443",
        "http://127.0.0.1:1"})
    EXPECT_FALSE(check_settings(with({{"sign_in_tenant", "t"}, {"sign_in_url", url}}), {})) << url;
  for (const auto* const tenant : {"", "common", "organizations", "a/b", "a b", "..", "a?b"})
    EXPECT_FALSE(check_settings(with({{"sign_in_tenant", tenant}}), {})) << tenant;
  EXPECT_TRUE(check_settings(with({{"sign_in_tenant", "t"}, {"sign_in_url", "http://127.0.0.1:8410/login"}}),
                             {.allow_loopback = true}));
}

TEST(Company, IsTheOrganisationsName) {
  EXPECT_EQ(company_in("https://contoso.crm4.dynamics.com"), "contoso");
  EXPECT_EQ(company_in("http://127.0.0.1:8410/orgs/fabrikam"), "fabrikam");
  EXPECT_EQ(company_in("http://127.0.0.1:8410"), "127.0.0.1:8410");
}

}  // namespace
}  // namespace aftercall::crm::dynamics365
