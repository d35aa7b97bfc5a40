#include "control/sign_in/connect.hpp"

#include <gmock/gmock.h>

#include "wire/tenant_config.hpp"

namespace aftercall::control {
namespace {

using testing::HasSubstr;

const Instant earlier = instant_of(1'000);
const Instant now = instant_of(2'000);
const CrmAccount org{"dynamics365:org"};

Connection connection(const std::string& tenant = "acme") {
  Connection made;
  made.tenant = TenantId(tenant);
  made.id = ConnectionId("crm");
  made.crm = "dynamics365";
  made.status = ConnectionStatus::SetupIncomplete;
  made.since = earlier;
  return made;
}

crm::Description described() {
  crm::Description made;
  made.account = org;
  made.company = "Contoso";
  made.capabilities.keyed_writes = true;
  made.capabilities.read_at = now;
  return made;
}

TEST(Connect, TakesAccountAndCapabilitiesFromTheCrm) {
  const auto after = connected(connection(), described(), {}, now);
  EXPECT_EQ(after->status, ConnectionStatus::Connected);
  EXPECT_EQ(after->account, org);
  EXPECT_TRUE(after->capabilities.keyed_writes);
  EXPECT_EQ(after->since, now);
}

TEST(Connect, AnAccountBelongsToOneTenant) {
  tenancy::Directory directory;
  Connection held = connection("other");
  held.account = org;
  wire::v1::TenantConfig message;
  *message.mutable_connection() = wire::to_wire(held);
  directory.apply(Record{{"t", 0, 0}, {}, "other/connection/crm", message.SerializeAsString(), {}});
  const auto after = connected(connection(), described(), directory, now);
  EXPECT_EQ(after->status, ConnectionStatus::SetupIncomplete);
  EXPECT_TRUE(after->account.empty());
  EXPECT_THAT(after->why, HasSubstr("another tenant"));
  EXPECT_EQ(connected(connection("other"), described(), directory, now)->status, ConnectionStatus::Connected);
}

TEST(Connect, ARefusedSignInAsksForReconnectingAndAWrongSetUpForMendingIt) {
  const Result<crm::Description> revoked = fail(Cause::NotAuthorized, "revoked");
  EXPECT_EQ(connected(connection(), revoked, {}, now)->status, ConnectionStatus::ReconnectNeeded);
  const Result<crm::Description> unknown = fail(Cause::SetupIncomplete, "no application user");
  const auto after = connected(connection(), unknown, {}, now);
  EXPECT_EQ(after->status, ConnectionStatus::SetupIncomplete);
  EXPECT_EQ(after->why, "no application user");
  EXPECT_EQ(after->since, earlier);
}

TEST(Connect, ACrmThatIsAwayChangesNothing) {
  const Result<crm::Description> away = fail(Cause::Unreachable, "no route");
  EXPECT_EQ(connected(connection(), away, {}, now).error().cause, Cause::Unreachable);
}

TEST(Connect, WhatAPersonChangedMeanwhileIsNotJudgedByAnOlderLook) {
  const Connection before = connection();
  EXPECT_TRUE(still_stands(before, refused(before, {Cause::NotAuthorized, "no"}, now))) << "that was control";
  EXPECT_FALSE(still_stands(before, disconnected(before, now)));
  const Connection ended = disconnected(before, now);
  EXPECT_TRUE(still_stands(ended, ended)) << "it is being connected";
  Connection moved = before;
  moved.url = "https://other.crm4.dynamics.com";
  EXPECT_FALSE(still_stands(before, moved));
  Connection set = before;
  set.settings["daily_share"] = "50";
  EXPECT_FALSE(still_stands(before, set));
}

TEST(Connect, NamesWhatIsMissingAndStaysConnected) {
  crm::Description limited = described();
  limited.missing = {"prvCreateNote", "prvReadAppointment"};
  const auto after = connected(connection(), limited, {}, now);
  EXPECT_EQ(after->status, ConnectionStatus::Connected);
  EXPECT_EQ(after->why, "missing: prvCreateNote, prvReadAppointment");
}

TEST(Connect, FindingARightThatWasMissingIsAChange) {
  crm::Description limited = described();
  limited.missing = {"prvCreateNote"};
  const Connection before = *connected(connection(), limited, {}, now);
  EXPECT_EQ(connected(before, limited, {}, instant_of(99'000))->since, now) << "still missing: none";
  EXPECT_EQ(connected(before, described(), {}, instant_of(99'000))->since, instant_of(99'000));
}

TEST(Connect, ARightThatOnlyLeavesSomethingOutIsAChangeOnceWhenItGoesAndOnceWhenItComes) {
  for (const auto right : {&Capabilities::accounts, &Capabilities::appointments, &Capabilities::deals,
                           &Capabilities::activities, &Capabilities::cases}) {
    crm::Description with = described();
    with.capabilities.*right = true;
    const Connection before = *connected(connection(), with, {}, now);
    const Connection lost = *connected(before, described(), {}, instant_of(50'000));
    EXPECT_EQ(lost.since, instant_of(50'000));
    EXPECT_EQ(connected(lost, described(), {}, instant_of(60'000))->since, instant_of(50'000))
        << "no release loop";
    EXPECT_EQ(connected(lost, with, {}, instant_of(70'000))->since, instant_of(70'000));
  }
  crm::Description scopes = described();
  const Connection before = *connected(connection(), scopes, {}, now);
  scopes.capabilities.deals_need = "deals:read";
  EXPECT_EQ(connected(before, scopes, {}, instant_of(50'000))->since, instant_of(50'000));
}

TEST(Connect, AnotherLengthOrListIsNoRight) {
  const Connection before = *connected(connection(), described(), {}, now);
  crm::Description other = described();
  other.capabilities.read_at = instant_of(50'000);
  other.capabilities.note_text_length = 2'000;
  other.capabilities.activity_types = {{"Lunch", "lunch"}};
  const auto after = connected(before, other, {}, instant_of(50'000));
  EXPECT_EQ(after->capabilities.note_text_length, 2'000U);
  EXPECT_EQ(after->since, now);
}

TEST(Connect, FindingTheSameAgainChangesNothing) {
  const Connection before = *connected(connection(), described(), {}, now);
  crm::Description later = described();
  later.capabilities.read_at = instant_of(99'000);
  const auto after = connected(before, later, {}, instant_of(99'000));
  EXPECT_EQ(after->capabilities.read_at, now);
  EXPECT_EQ(after->since, now);
}

}  // namespace
}  // namespace aftercall::control
