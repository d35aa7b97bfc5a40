#include "stage/recovery.hpp"

#include <gmock/gmock.h>

namespace aftercall::stage {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Optional;

const Instant now = instant_of(1'800'000'000'000);
const Rules rules;

Failed failed(Cause cause) { return {.failure = {cause, "why"}}; }

Deferral deferral_of(const Recovery& recovery) {
  EXPECT_TRUE(std::holds_alternative<Deferral>(recovery));
  return std::get<Deferral>(recovery);
}

TEST(Recovery, WhatMayPassIsTriedAgainHereForThirtySecondsInTotal) {
  EXPECT_TRUE(std::holds_alternative<RetryAfter>(recover(rules, failed(Cause::Timeout), {}, now, 0.5)));
  History late;
  late.attempt = 6;
  late.elapsed = 29s;
  const auto deferral = deferral_of(recover(rules, failed(Cause::Timeout), late, now, 0.5));
  EXPECT_EQ(deferral.kind, Kind::Transient);
  EXPECT_GT(deferral.not_before.value_or(now), now);
  EXPECT_EQ(deferral.tries, 1);
}

TEST(Recovery, WhatCannotPassWithinSecondsIsDeferredAtOnce) {
  auto slow = failed(Cause::Timeout);
  slow.here = false;
  EXPECT_EQ(deferral_of(recover(rules, slow, {}, now, 0.5)).kind, Kind::Transient);
}

TEST(Recovery, TheLastTryIsDeadAndSaysWhy) {
  History history;
  history.elapsed = 30s;
  history.tries = 7;
  const auto deferral = deferral_of(recover(rules, failed(Cause::ServerError), history, now, 0.5));
  EXPECT_EQ(deferral.kind, Kind::Permanent);
  EXPECT_THAT(deferral.failure.detail, HasSubstr("8 tries"));
  EXPECT_EQ(deferral.not_before, std::nullopt);
}

TEST(Recovery, AfterTheLastTryAUnitWhoseMainRecordsStandEndsAndNamesWhatFailed) {
  auto beside = failed(Cause::ServerError);
  beside.if_given_up = Settled();
  beside.if_given_up->reason = "written";
  using State = ArtifactState::State;
  for (const auto state : {State::Written, State::Waiting, State::Failed}) {
    ArtifactState artifact;
    artifact.state = state;
    artifact.reason = "why";
    beside.if_given_up->artifacts.push_back(artifact);
  }
  History history;
  history.elapsed = 30s;
  history.tries = 6;
  EXPECT_EQ(deferral_of(recover(rules, beside, history, now, 0.5)).kind, Kind::Transient);
  history.tries = 7;
  const auto recovery = recover(rules, beside, history, now, 0.5);
  ASSERT_TRUE(std::holds_alternative<Settle>(recovery));
  const auto& end = std::get<Settle>(recovery).settled;
  EXPECT_EQ(end.reason, "written");
  ASSERT_EQ(end.artifacts.size(), 3U);
  EXPECT_EQ(end.artifacts[0].state, State::Written);
  EXPECT_EQ(end.artifacts[1].state, State::Failed);
  EXPECT_EQ(end.artifacts[1].reason, "why (given up after 8 tries)");
  EXPECT_EQ(end.artifacts[2].reason, "why");
  beside.failure.cause = Cause::Rejected;
  EXPECT_EQ(deferral_of(recover(rules, beside, history, now, 0.5)).kind, Kind::Permanent);
}

TEST(Recovery, InDoubtIsNeverTriedAgainHereAndCountsAsNoTry) {
  const auto deferral = deferral_of(recover(rules, failed(Cause::Unanswered), {}, now, 0.5));
  EXPECT_EQ(deferral.kind, Kind::InDoubt);
  EXPECT_EQ(deferral.tries, 0);
  EXPECT_GE(deferral.not_before.value_or(now), now + 30s);
}

TEST(Recovery, BlockedHasNoTimeAndPermanentIsDeadAtOnce) {
  const auto blocked = deferral_of(recover(rules, failed(Cause::NotAuthorized), {}, now, 0.5));
  EXPECT_EQ(blocked.kind, Kind::Blocked);
  EXPECT_EQ(blocked.not_before, std::nullopt);
  EXPECT_EQ(deferral_of(recover(rules, failed(Cause::Rejected), {}, now, 0.5)).kind, Kind::Permanent);
}

TEST(Recovery, ARateLimitRestsTheLaneAndNeverKills) {
  History history;
  history.tries = 100;
  history.elapsed = 1h;
  history.attempt = 50;
  history.rests = 49;
  auto limited = failed(Cause::RateLimited);
  limited.failure.retry_after = 40s;
  const auto recovery = recover(rules, limited, history, now, 0.0);
  ASSERT_TRUE(std::holds_alternative<RestLane>(recovery));
  EXPECT_EQ(std::get<RestLane>(recovery).delay, 40s);
  limited.artifacts.resize(1);
  limited.connection = ConnectionId("c1");
  const auto deferral = deferral_of(paced(rules, limited, history, now + 40s, now));
  EXPECT_EQ(deferral.kind, Kind::Transient);
  EXPECT_EQ(deferral.failure.cause, Cause::Paced);
  EXPECT_EQ(deferral.tries, 100);
  EXPECT_THAT(deferral.not_before, Optional(now + 40s));
  EXPECT_EQ(deferral.artifacts.size(), 1U) << "what was written before stands";
  EXPECT_EQ(deferral.connection, ConnectionId("c1"));
}

TEST(Recovery, AfterAMonthOfWaitingTheUnitEndsWithTheReason) {
  History old;
  old.first_deferred = now - 31 * 24h;
  const auto recovery = recover(rules, failed(Cause::NotAuthorized), old, now, 0.5);
  ASSERT_TRUE(std::holds_alternative<Settle>(recovery));
  EXPECT_EQ(std::get<Settle>(recovery).settled.reason, "expired");
  EXPECT_THAT(std::get<Settle>(recovery).settled.detail, HasSubstr("why"));
  EXPECT_TRUE(std::holds_alternative<Settle>(paced(rules, failed(Cause::RateLimited), old, now, now)));
  EXPECT_EQ(deferral_of(recover(rules, failed(Cause::Rejected), old, now, 0.5)).kind, Kind::Permanent);
}

TEST(Recovery, ADeferralKeepsWhatIsKnownOfEachArtifact) {
  auto mixed = failed(Cause::Unanswered);
  mixed.artifacts.resize(2);
  mixed.artifacts[0].crm_id = "42";
  mixed.connection = ConnectionId("c1");
  const auto deferral = deferral_of(recover(rules, mixed, {}, now, 0.5));
  ASSERT_EQ(deferral.artifacts.size(), 2U);
  EXPECT_EQ(deferral.artifacts[0].crm_id, "42");
  EXPECT_EQ(deferral.connection, ConnectionId("c1"));
}

}  // namespace
}  // namespace aftercall::stage
