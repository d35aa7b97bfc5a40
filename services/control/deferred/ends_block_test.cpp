#include "control/deferred/ends_block.hpp"

#include <gtest/gtest.h>

#include "wire/tenant_config.hpp"

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;
const Instant deferred_at = instant_of(10'000'000'000);
const Instant long_before = deferred_at - 24h;
const Instant later = deferred_at + 1h;

class EndsBlock : public testing::Test {
 protected:
  void write(const std::string& key, const wire::v1::TenantConfig& message, Instant at) {
    Record record;
    record.at = {"tenant.config", 0, directory_.version()};
    record.time = at;
    record.key = key;
    record.value = message.SerializeAsString();
    ASSERT_EQ(directory_.apply(record), tenancy::Applied::Changed);
  }
  void connection(ConnectionStatus status, Instant since, const std::string& account = "crm:a",
                  Instant written = {}) {
    Connection made;
    made.tenant = TenantId("t");
    made.id = ConnectionId(account);
    made.account = CrmAccount(account);
    made.status = status;
    made.since = since;
    wire::v1::TenantConfig message;
    *message.mutable_connection() = wire::to_wire(made);
    write(tenancy::config_record::key("connection", made.tenant, made.id.str()), message,
          written == Instant{} ? since : written);
  }
  void tenant(bool paused, Instant written) {
    Tenant made;
    made.id = TenantId("t");
    made.paused = paused;
    wire::v1::TenantConfig message;
    *message.mutable_tenant() = wire::to_wire(made);
    write(tenancy::config_record::key("tenant", made.id, "t"), message, written);
  }
  std::optional<Instant> ends(Cause cause, const std::string& unit = "crm:a") const {
    return ends_named(std::string(name_of(cause)), unit);
  }
  std::optional<Instant> ends_named(const std::string& cause, const std::string& unit = "crm:a") const {
    Deferral deferral;
    deferral.tenant = TenantId("t");
    deferral.unit = CrmAccount(unit);
    deferral.cause = cause;
    deferral.deferred_at = deferred_at;
    return ends_block(deferral, directory_);
  }

 private:
  tenancy::Directory directory_;
};

TEST_F(EndsBlock, AConnectionThatWasConnectedAfterwardsEndsIt) {
  connection(ConnectionStatus::Connected, later);
  for (const Cause cause : {Cause::NotAuthorized, Cause::NotPermitted, Cause::SetupIncomplete})
    EXPECT_EQ(ends(cause), later) << name_of(cause);
}

TEST_F(EndsBlock, AConnectionThatWasConnectedAllTheTimeDoesNot) {
  connection(ConnectionStatus::Connected, long_before);
  for (const Cause cause : {Cause::NotAuthorized, Cause::NotPermitted, Cause::SetupIncomplete})
    EXPECT_EQ(ends(cause), std::nullopt) << name_of(cause);
}

TEST_F(EndsBlock, NorOneThatIsNotConnectedOrOfAnotherAccount) {
  connection(ConnectionStatus::ReconnectNeeded, later);
  connection(ConnectionStatus::Connected, later, "crm:b");
  EXPECT_EQ(ends(Cause::NotAuthorized), std::nullopt);
  EXPECT_EQ(ends(Cause::NotAuthorized, ""), later) << "an event as a whole waits for any of them";
}

TEST_F(EndsBlock, WhoWasDeferredJustAfterTheChangeGoesOnWhenEveryStageHasHeard) {
  const Instant just_before = deferred_at - 5s;
  connection(ConnectionStatus::Connected, just_before);
  EXPECT_EQ(ends(Cause::NotAuthorized), just_before + hearsay);
}

TEST_F(EndsBlock, SettingsThatWereChangedMayCompleteTheSetUp) {
  connection(ConnectionStatus::Connected, long_before, "crm:a", later);
  EXPECT_EQ(ends(Cause::SetupIncomplete), later);
  EXPECT_EQ(ends(Cause::NotPermitted), std::nullopt);
}

TEST_F(EndsBlock, ATenantThatWasResumedGoesOn) {
  tenant(true, later);
  EXPECT_EQ(ends(Cause::Paused), std::nullopt);
  tenant(false, later + 1s);
  EXPECT_EQ(ends(Cause::Paused), later + 1s);
}

TEST_F(EndsBlock, WhatNeedsANewerStageOrAnUnknownThingNeedsAPerson) {
  connection(ConnectionStatus::Connected, later);
  tenant(false, later);
  EXPECT_EQ(ends(Cause::NeedsNewerStage), std::nullopt);
  EXPECT_EQ(ends_named("a_cause_of_a_newer_release"), std::nullopt);
}

TEST_F(EndsBlock, DueIsWhatWaitsByItsTimeAndWhatIsDeadOnlyByAWish) {
  const tenancy::Directory none;
  Deferral deferral;
  deferral.deferred_at = deferred_at;
  deferral.kind = Kind::Permanent;
  deferral.not_before = later;
  EXPECT_EQ(due_of(deferral, none), std::nullopt);
  deferral.kind = Kind::InDoubt;
  EXPECT_EQ(due_of(deferral, none), later);
  deferral.kind = Kind::Transient;
  EXPECT_EQ(due_of(deferral, none), later);
  deferral.not_before.reset();
  EXPECT_EQ(due_of(deferral, none), deferred_at);
  deferral.kind = Kind::Permanent;
  deferral.wanted_by = "ann";
  EXPECT_EQ(due_of(deferral, none), Instant{});
}

}  // namespace
}  // namespace aftercall::control
