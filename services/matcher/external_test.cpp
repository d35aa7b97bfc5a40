#include "matcher/external.hpp"

#include <gtest/gtest.h>

namespace aftercall::matcher {
namespace {

Tenant tenant() {
  Tenant out;
  out.domains = {"acme.example"};
  out.region = "SE";
  return out;
}

Participant person(std::string name, std::string email, std::string phone = "") {
  Participant out;
  out.name = std::move(name);
  out.email = std::move(email);
  out.phone = std::move(phone);
  return out;
}

TEST(Externals, OwnDomainsPresenterAndAgentsAreInternal) {
  Session session;
  session.presenter = "Lead@Partner.example";
  session.participants = {person("A", "a@ACME.example"), person("B", "lead@partner.example"),
                          person("C", "c@contoso.example"), person("Bot", "bot@vendor.example")};
  session.participants[3].role = Role::AiAgent;
  const auto externals = externals_of(session, tenant());
  ASSERT_EQ(externals.size(), 1U);
  EXPECT_EQ(externals[0].participant, 2U);
  EXPECT_EQ(externals[0].email, "c@contoso.example");
}

TEST(Externals, TheUpstreamsWordBeatsTheDomain) {
  Session session;
  session.participants = {person("A", "a@acme.example"), person("B", "b@contoso.example")};
  session.participants[0].side = Side::External;
  session.participants[1].side = Side::Internal;
  const auto externals = externals_of(session, tenant());
  ASSERT_EQ(externals.size(), 1U);
  EXPECT_EQ(externals[0].participant, 0U);
}

TEST(Externals, ASubdomainIsNotTheTenants) {
  Session session;
  session.participants = {person("A", "a@evil-acme.example"), person("B", "b@mail.acme.example")};
  EXPECT_EQ(externals_of(session, tenant()).size(), 2U);
}

TEST(Externals, ANationalNumberIsReadInTheTenantsRegion) {
  Session session;
  session.participants = {person("A", "", "070-123 45 67")};
  const auto externals = externals_of(session, tenant());
  ASSERT_EQ(externals.size(), 1U);
  EXPECT_EQ(externals[0].identity(), "+46701234567");
}

TEST(Externals, WhoHasNoReadableIdentityIsKeptWithTheReason) {
  Session session;
  session.participants = {person("A", "not an address"), person("B", "", "12"), person("C", "")};
  const auto externals = externals_of(session, tenant());
  ASSERT_EQ(externals.size(), 3U);
  for (const auto& each : externals) EXPECT_TRUE(each.identity().empty());
  EXPECT_FALSE(externals[0].unreadable.empty());
  EXPECT_FALSE(externals[1].unreadable.empty());
  EXPECT_EQ(externals[2].unreadable, "neither e-mail nor phone was given");
}

}  // namespace
}  // namespace aftercall::matcher
