#include <gmock/gmock.h>

#include "bench.hpp"
#include "policy/keys.hpp"
#include "wire/keys.hpp"

namespace aftercall::stage::bench {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using DeferredKind = v1::EventDeferred::Kind;

TEST(Failure, WhatCannotBeParsedIsDeadWithItsCoordinatesAndThePartitionGoesOn) {
  Bench bench;
  bench.start();
  const auto topic = bench.settings.topics.of("session.finished");
  bench.publish_raw({topic, "k", "no headers at all", {}});
  bench.publish({.session = "bad", .value = "garbage"});
  wire::Envelope envelope;
  envelope.id = "i";
  envelope.tenant = TenantId("t1");
  bench.publish_raw({topic, "t1/src/gone", std::nullopt, wire::headers_of(envelope)});
  bench.publish({.session = "good"});
  bench.advance(1s);
  EXPECT_THAT(bench.emitted(), ElementsAre("good"));
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 4)));
  const auto deferred = bench.deferred();
  ASSERT_THAT(deferred, SizeIs(3));
  for (int i = 0; i < 3; ++i) {
    const auto& each = deferred[static_cast<std::size_t>(i)];
    EXPECT_EQ(each.kind(), DeferredKind::dead);
    EXPECT_EQ(each.cause(), "malformed");
    EXPECT_EQ(each.event().topic(), topic);
    EXPECT_EQ(each.event().offset(), i);
    const auto key = wire::split_key(bench.records("event.deferred")[static_cast<std::size_t>(i)].key);
    EXPECT_EQ(key->at(0), unparsed_event_id({topic, 0, i}));
  }
}

TEST(Failure, AReleasedCopyThatCannotBeParsedStaysThatCopy) {
  Bench bench;
  bench.start();
  Bench::Publishing copy{.session = "bad", .value = "garbage"};
  copy.envelope.attempt = 3;
  copy.envelope.unit = "a1";
  copy.envelope.first_deferred = truncate(bench.clock.wall()) - 7 * 24h;
  bench.publish(copy);
  bench.advance(1s);
  const auto deferred = bench.deferred();
  ASSERT_THAT(deferred, SizeIs(1));
  EXPECT_EQ(deferred[0].attempt(), 3) << "by which its credit returns";
  EXPECT_EQ(deferred[0].unit(), "a1");
  EXPECT_EQ(deferred[0].first_deferred_at().seconds() * 1000,
            milliseconds_of(copy.envelope.first_deferred) / 1000 * 1000)
      << "its month began then";
  const auto key = wire::split_key(bench.records("event.deferred")[0].key);
  EXPECT_EQ(key->at(0), unparsed_event_id({bench.settings.topics.of("session.finished"), 0, 0}));
}

TEST(Failure, AnEventOfANewerReleaseIsBlockedAndOneOfAnUnknownTenantWaits) {
  Bench bench;
  bench.start();
  bench.publish({.session = "x", .value = "newer"});
  bench.publish({.session = "y", .value = "unknown tenant"});
  bench.advance(1s);
  const auto deferred = bench.deferred();
  ASSERT_THAT(deferred, SizeIs(2));
  EXPECT_EQ(deferred[0].kind(), DeferredKind::blocked);
  EXPECT_EQ(deferred[0].cause(), name_of(Cause::NeedsNewerStage));
  EXPECT_EQ(deferred[1].kind(), DeferredKind::waiting);
  EXPECT_TRUE(deferred[1].has_not_before());
  EXPECT_EQ(deferred[1].tries(), 0);
  EXPECT_THAT(bench.settled(), IsEmpty());
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 2)));
}

TEST(Failure, WhatMayPassIsTriedAgainInPlaceAndThenSucceeds) {
  Bench bench;
  bench.answers = [](const Unit&, const Context& context) -> std::optional<Outcome> {
    if (context.attempt < 4) return fails(Cause::ServerError);
    return emits();
  };
  bench.start();
  bench.publish({.session = "x"});
  bench.settle();
  EXPECT_THAT(bench.started, SizeIs(1)) << "not again at once";
  bench.advance(30s);
  EXPECT_THAT(bench.started, SizeIs(4));
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
  EXPECT_THAT(bench.deferred(), IsEmpty());
}

TEST(Failure, WhatDoesNotPassInThirtySecondsWaitsInEventDeferredAsOneTry) {
  Bench bench;
  bench.answers = [](const Unit&, const Context&) { return fails(Cause::Timeout); };
  bench.start();
  bench.publish({.session = "x"});
  bench.advance(31s);
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_EQ(bench.deferred()[0].kind(), DeferredKind::waiting);
  EXPECT_EQ(bench.deferred()[0].tries(), 1);
  EXPECT_EQ(bench.deferred()[0].unit(), "a1");
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 1)));
}

TEST(Failure, WhatEachTrySpentAddsUpHereAndInTheDeferral) {
  Bench bench;
  std::vector<int> before;
  bench.answers = [&](const Unit&, const Context& context) -> std::optional<Outcome> {
    before.push_back(context.spent.requests);
    auto failed = Failed{.failure = {Cause::ServerError, "503"}, .spent = {2, 20}};
    if (context.attempt == 3) failed.failure.cause = Cause::Unanswered;
    return failed;
  };
  bench.start();
  bench.publish({.session = "x"});
  bench.advance(30s);
  EXPECT_THAT(before, ElementsAre(0, 2, 4));
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_EQ(bench.deferred()[0].crm_requests(), 6);
  EXPECT_EQ(bench.deferred()[0].crm_tokens(), 60);
}

TEST(Failure, TheEighthTryIsTheLast) {
  Bench bench;
  bench.answers = [](const Unit&, const Context&) { return fails(Cause::Timeout); };
  bench.start();
  Bench::Publishing copy{.session = "x"};
  copy.envelope.tries = 7;
  bench.publish(copy);
  bench.advance(31s);
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_EQ(bench.deferred()[0].kind(), DeferredKind::dead);
  EXPECT_THAT(bench.deferred()[0].detail(), HasSubstr("8 tries"));
}

TEST(Failure, TheEighthTryEndsAUnitWhoseMainRecordsStand) {
  Bench bench;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> {
    auto failed = Failed{.failure = {Cause::ServerError, "500"}, .spent = {1, 0}};
    failed.if_given_up = Settled();
    failed.if_given_up->reason = "written";
    failed.if_given_up->artifacts.resize(1);
    failed.if_given_up->spent = {20, 0};
    return failed;
  };
  bench.start();
  Bench::Publishing copy{.session = "x"};
  copy.envelope.tries = 6;
  bench.publish(copy);
  copy.envelope.tries = 7;
  copy.envelope.spent = {5, 0};
  bench.publish(copy);
  bench.advance(61s);
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_EQ(bench.deferred()[0].kind(), DeferredKind::waiting);
  ASSERT_THAT(bench.settled(), SizeIs(1));
  const auto end = bench.settled()[0];
  EXPECT_EQ(end.reason(), "written");
  EXPECT_EQ(end.session_id(), "x");
  EXPECT_EQ(end.artifacts(0).state(), v1::ArtifactState::State::failed);
  EXPECT_THAT(end.artifacts(0).reason(), HasSubstr("given up after 8 tries"));
  EXPECT_EQ(end.crm_requests(), 20 + 5 + bench.deferred()[0].crm_requests())
      << "before this stage, by earlier copies, and by as many tries as the other one's";
}

TEST(Failure, InDoubtBlockedAndPermanentAreNeverTriedAgainHere) {
  Bench bench;
  bench.answers = [](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.session.session == SessionId("lost")) return fails(Cause::Unanswered);
    if (unit.session.session == SessionId("revoked")) return fails(Cause::NotAuthorized);
    return fails(Cause::Rejected);
  };
  bench.start();
  for (const auto* session : {"lost", "revoked", "refused"}) bench.publish({.session = session});
  bench.advance(60s);
  EXPECT_THAT(bench.started, ElementsAre("lost", "revoked", "refused"));
  std::map<std::string, int> kinds;
  for (const auto& each : bench.deferred()) kinds[DeferredKind::Value_Name(each.kind())]++;
  EXPECT_THAT(kinds, ElementsAre(Pair("blocked", 1), Pair("dead", 1), Pair("in_doubt", 1)));
}

TEST(Failure, AfterAMonthOfWaitingTheSessionIsSettledAsExpired) {
  Bench bench;
  bench.answers = [](const Unit&, const Context&) { return fails(Cause::NotAuthorized); };
  bench.start();
  Bench::Publishing copy{.session = "x"};
  copy.envelope.first_deferred = truncate(bench.clock.wall()) - 31 * 24h;
  bench.publish(copy);
  bench.advance(1s);
  ASSERT_THAT(bench.settled(), SizeIs(1));
  EXPECT_EQ(bench.settled()[0].reason(), "expired");
  EXPECT_EQ(bench.settled()[0].session_id(), "x");
  EXPECT_THAT(bench.deferred(), IsEmpty());
}

TEST(Failure, AShortRestWaitsInTheLane) {
  Bench bench;
  int limited = 1;
  bench.answers = [&](const Unit&, const Context&) -> std::optional<Outcome> {
    if (limited-- > 0) return fails(Cause::RateLimited, 4s);
    return emits();
  };
  bench.start();
  bench.publish({.session = "x"});
  bench.publish({.session = "y"});
  bench.settle();
  const auto before = bench.started.size();
  bench.publish({.session = "z"});
  bench.advance(3s);
  EXPECT_EQ(bench.started.size(), before) << "the whole lane rests";
  bench.advance(3s);
  EXPECT_THAT(bench.emitted(), testing::UnorderedElementsAre("x", "y", "z"));
  EXPECT_THAT(bench.deferred(), IsEmpty());
}

TEST(Failure, ALongRestSpillsWhatWaitsAndWhatArrivesUntilItIsOverAndNoneOfItIsATry) {
  Bench bench;
  bench.settings.bounds.lane.slots = 1;
  bool limited = true;
  bench.answers = [&](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (limited && unit.account == CrmAccount("a1")) return fails(Cause::RateLimited, 60s);
    return emits();
  };
  for (int i = 0; i < 300; ++i) bench.publish({.session = "x" + std::to_string(i)});
  bench.start();
  const auto due = truncate(bench.clock.wall()) + 60s;
  bench.advance(10s);
  bench.publish({.session = "late"});
  bench.publish({.session = "other", .tenant = "t2", .value = "a9"});
  bench.advance(1s);
  const auto deferred = bench.deferred();
  ASSERT_THAT(deferred, SizeIs(301));
  for (const auto& each : deferred) {
    EXPECT_EQ(each.kind(), DeferredKind::waiting);
    EXPECT_EQ(each.cause(), "paced");
    EXPECT_EQ(each.tries(), 0);
    EXPECT_LE(std::abs(each.not_before().seconds() * 1000 - milliseconds_of(due)), 2000);
  }
  EXPECT_THAT(bench.started, SizeIs(2)) << "one of the lane that rests, one of another";
  EXPECT_THAT(bench.emitted(), ElementsAre("other"));
  limited = false;
  bench.advance(50s);
  bench.publish({.session = "after"});
  bench.advance(1s);
  EXPECT_THAT(bench.emitted(), ElementsAre("other", "after"));
  EXPECT_THAT(bench.deferred(), SizeIs(301));
}

TEST(Failure, WhatWasWrittenBeforeIsToldWithEachUnitThatWaitsTriedOrNot) {
  Bench bench;
  bench.settings.bounds.lane.slots = 1;
  bench.steps.stands = [](const Unit& unit, const Position& at) {
    Stands stands{std::vector<ArtifactState>(1), ConnectionId("c1")};
    stands.artifacts[0].crm_id = unit.session.session.str() + " at " + std::to_string(at.offset);
    return stands;
  };
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> {
    auto limited = Failed{.failure = {Cause::RateLimited, "429", 60s}, .connection = ConnectionId("c2")};
    limited.artifacts.resize(1);
    limited.artifacts[0].crm_id = "told by the step";
    return limited;
  };
  Bench::Publishing old{.session = "old"};
  old.envelope.first_deferred = truncate(bench.clock.wall()) - 31 * 24h;
  bench.publish({.session = "tried"});
  bench.publish({.session = "waits"});
  bench.publish(old);
  bench.start();
  bench.advance(1s);
  std::map<std::string, std::string> told;
  for (const auto& each : bench.deferred()) {
    ASSERT_EQ(each.artifacts_size(), 1) << each.event().key();
    told[each.event().key()] = each.artifacts(0).crm_id() + " by " + each.connection();
  }
  EXPECT_THAT(told, ElementsAre(Pair("t1/src/tried", "told by the step by c2"),
                                Pair("t1/src/waits", "waits at 1 by c1")));
  ASSERT_THAT(bench.settled(), SizeIs(1)) << "a month is over";
  ASSERT_EQ(bench.settled()[0].artifacts_size(), 1);
  EXPECT_EQ(bench.settled()[0].artifacts(0).crm_id(), "old at 2");
}

TEST(Failure, WithoutALeaseTheLaneRestsHereForAWhileAndThenElsewhere) {
  Bench bench;
  bool leased = false;
  bench.answers = [&](const Unit&, const Context&) -> std::optional<Outcome> {
    if (!leased) return fails(Cause::NoLease, 60s);
    return emits();
  };
  bench.start();
  bench.publish({.session = "x"});
  bench.advance(20s);
  EXPECT_THAT(bench.deferred(), IsEmpty());
  leased = true;
  bench.advance(6s);
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
  leased = false;
  bench.publish({.session = "y"});
  bench.advance(40s);
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_EQ(bench.deferred()[0].cause(), "paced");
  EXPECT_EQ(bench.deferred()[0].tries(), 0) << "nothing was tried";
}

TEST(Failure, AnAccountThatHadNoLeaseLongAgoIsForgottenOnceAnotherHasNone) {
  Bench bench;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return fails(Cause::NoLease); };
  bench.start();
  bench.publish({.session = "x"});
  bench.advance(1min);
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  bench.advance(1h);
  bench.publish({.session = "y", .tenant = "t2", .value = "a2"});
  bench.publish({.session = "z"});
  bench.advance(20s);
  EXPECT_THAT(bench.deferred(), SizeIs(1)) << "it waits here for a while, as when it was new";
}

TEST(Failure, ALaneWithoutALeaseWaitsHereWhileNothingAtAllCanBeDone) {
  Bench bench;
  std::optional<std::string> why;
  bool leased = false;
  bench.steps.halted = [&] { return why; };
  bench.answers = [&](const Unit&, const Context&) -> std::optional<Outcome> {
    if (!leased) return fails(Cause::NoLease);
    return emits();
  };
  bench.start();
  bench.publish({.session = "x"});
  bench.advance(20s);
  why = "no lease is left";
  bench.advance(10min);
  why.reset();  // control is back, and gives everybody's in turn
  bench.advance(20s);
  EXPECT_THAT(bench.deferred(), IsEmpty());
  leased = true;
  bench.advance(6s);
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
}

TEST(Failure, WhileNothingCanBeDoneNothingIsReadRunOrDeferred) {
  Bench bench;
  std::optional<std::string> why = "no lease is left";
  bench.steps.halted = [&] { return why; };
  auto& process = bench.start();
  for (int i = 0; i < 10; ++i) bench.publish({.session = std::to_string(i)});
  bench.advance(10min);
  EXPECT_THAT(bench.started, IsEmpty());
  EXPECT_EQ(bench.split_records, 0U);
  EXPECT_EQ(process.stage->not_ready(), why);
  why.reset();
  bench.advance(2s);
  EXPECT_THAT(bench.emitted(), SizeIs(10));
  EXPECT_THAT(bench.deferred(), IsEmpty());
  EXPECT_EQ(process.stage->not_ready(), std::nullopt);
}

TEST(Failure, AnOutcomeTooLargeForKafkaIsDeadAndSaysWhereTheEventLies) {
  Bench bench;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> {
    return Emit{"contact.matched", std::string(4U << 20U, 'x')};
  };
  bench.start();
  bench.publish({.session = "x"});
  bench.advance(5s);
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_EQ(bench.deferred()[0].kind(), DeferredKind::dead);
  EXPECT_THAT(bench.deferred()[0].detail(), HasSubstr("partition 0 offset 0"));
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 1)));
}

}  // namespace
}  // namespace aftercall::stage::bench
