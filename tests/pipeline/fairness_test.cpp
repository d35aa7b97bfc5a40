#include <gmock/gmock.h>

#include "bench.hpp"

namespace aftercall::stage::bench {
namespace {

using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

std::optional<Outcome> only_the_first_hangs(const Unit& unit, const Context&) {
  if (unit.account == CrmAccount("a1")) return std::nullopt;
  return emits();
}

TEST(Fairness, ATenantWhoseCrmHangsWithThousandsQueuedSlowsNobodyElse) {
  Bench bench(12);
  bench.answers = only_the_first_hangs;
  for (int i = 0; i < 5000; ++i) bench.publish({.session = "h" + std::to_string(i)});
  bench.start();
  bench.advance(20s);
  for (int round = 0; round < 50; ++round) {
    const auto session = "o" + std::to_string(round);
    const auto before = bench.emitted().size();
    bench.publish({.session = session, .tenant = "t2", .value = "a2"});
    bench.settle();
    ASSERT_EQ(bench.emitted().size(), before + 1) << "it had to wait, round " << round;
  }
  EXPECT_THAT(bench.held, SizeIs(bench.settings.bounds.lane.slots));
}

TEST(Fairness, ALaneThatHasJustFilledUpHoldsTheOthersBehindItForHalfASecondAtMost) {
  Bench bench;
  bench.answers = only_the_first_hangs;
  for (int i = 0; i < 2000; ++i) bench.publish({.session = "h" + std::to_string(i)});
  bench.publish({.session = "behind", .tenant = "t2", .value = "a2"});
  bench.start();
  bench.advance(500ms);
  EXPECT_THAT(bench.emitted(), ElementsAre("behind"));
}

// Each unit fails at once and comes again: its step ends, and nothing gets on.
TEST(Fairness, ALaneWhoseStepsOnlyFailDoesNotMove) {
  Bench bench;
  bench.answers = [](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.account == CrmAccount("a1")) return fails(Cause::Unreachable);
    return emits();
  };
  for (int i = 0; i < 2000; ++i) bench.publish({.session = "f" + std::to_string(i)});
  bench.publish({.session = "behind", .tenant = "t2", .value = "a2"});
  bench.start();
  bench.advance(500ms);
  EXPECT_THAT(bench.emitted(), ElementsAre("behind"));
}

TEST(Fairness, AnAccountWithoutALeaseIsDeferredWhileOthersHaveTheirs) {
  Bench bench;
  bench.settings.bounds.window = 100;
  bench.answers = [](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.account == CrmAccount("a1")) return fails(Cause::NoLease);
    return emits();
  };
  bench.publish({.session = "leaseless"});
  for (int i = 0; i < 300; ++i)
    bench.publish({.session = "o" + std::to_string(i), .tenant = "t2", .value = "a2"});
  bench.start();
  bench.advance(1min);
  EXPECT_THAT(bench.emitted(), SizeIs(300));
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_EQ(bench.deferred()[0].cause(), "paced");
  EXPECT_EQ(bench.deferred()[0].tries(), 0);
}

// Its unit comes again and again, and a partition does not wait for that.
TEST(Fairness, WhoeverHoldsAPartitionsWatermarkForTooLongWaitsElsewhere) {
  Bench bench;
  bench.settings.bounds.window = 100;
  bench.answers = [](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.account == CrmAccount("a1")) return fails(Cause::Unreachable);
    return emits();
  };
  bench.publish({.session = "slow"});
  for (int i = 0; i < 300; ++i)
    bench.publish({.session = "o" + std::to_string(i), .tenant = "t2", .value = "a2"});
  bench.start();
  bench.advance(2s);
  EXPECT_THAT(bench.emitted(), SizeIs(300));
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_EQ(bench.deferred()[0].cause(), "paced");
}

TEST(Fairness, AnOrdinaryCrmsBurstIsWaitedForAndNotDeferred) {
  Bench bench;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
  for (int i = 0; i < 1500; ++i) bench.publish({.session = std::to_string(i)});
  bench.start();
  for (int round = 0; round < 60; ++round) {
    bench.advance(300ms);  // how long it takes to answer
    for (const auto& step : std::vector(bench.held)) bench.answer(*step, emits());
    bench.settle();
  }
  EXPECT_THAT(bench.emitted(), SizeIs(1500));
  EXPECT_THAT(bench.deferred(), IsEmpty());
}

// 16 answers at a look, and one look in 400 ms: 40 units a second, because we come to no more.
TEST(Fairness, AQuickCrmIsNotTakenForASlowOneBecauseWeGetNoProcessor) {
  Bench bench;
  bench.settings.bounds.lane.slots = 16;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
  for (int i = 0; i < 1500; ++i) bench.publish({.session = std::to_string(i)});
  bench.start();
  for (int round = 0; round < 100; ++round) {
    for (const auto& step : std::vector(bench.held)) bench.answer(*step, emits());
    bench.clock.move_to(bench.clock.now() + 400ms);  // all of it while nothing of ours runs
    bench.settle();
  }
  EXPECT_THAT(bench.emitted(), SizeIs(1500));
  EXPECT_THAT(bench.deferred(), IsEmpty());
}

// The same pace, but we have had the time to look.
TEST(Fairness, ASlowCrmIsTakenForOne) {
  Bench bench;
  bench.settings.bounds.lane.slots = 16;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
  for (int i = 0; i < 1500; ++i) bench.publish({.session = std::to_string(i)});
  bench.start();
  for (int round = 0; round < 10; ++round) {
    bench.advance(400ms);
    for (const auto& step : std::vector(bench.held)) bench.answer(*step, emits());
    bench.settle();
  }
  EXPECT_THAT(bench.deferred(), SizeIs(Ge(500U)));
}

TEST(Fairness, WhatDoesNotFitIntoAHangingLaneWaitsInEventDeferredAndIsNoTry) {
  Bench bench;
  bench.settings.bounds.lane.units = 100;
  bench.answers = only_the_first_hangs;
  for (int i = 0; i < 1000; ++i) bench.publish({.session = std::to_string(i)});
  bench.start();
  EXPECT_THAT(bench.deferred(), IsEmpty()) << "a lane that has just filled may move";
  bench.advance(10s);
  const auto deferred = bench.deferred();
  EXPECT_THAT(deferred, SizeIs(1000 - 100 - bench.settings.bounds.lane.slots));
  for (const auto& each : deferred) {
    EXPECT_EQ(each.cause(), "paced");
    EXPECT_EQ(each.tries(), 0);
    EXPECT_TRUE(each.has_not_before());
  }
}

TEST(Fairness, AFullLaneThatMovesHoldsItsPartitionBackAndDefersNothing) {
  Bench bench;
  bench.settings.bounds.lane.units = 50;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
  for (int i = 0; i < 2000; ++i) bench.publish({.session = std::to_string(i)});
  bench.start();
  for (int round = 0; round < 200 && bench.emitted().size() < 2000; ++round) {
    bench.advance(100ms);
    EXPECT_LE(bench.split_records - bench.emitted().size(), 50 + 1 + bench.settings.bounds.lane.slots);
    for (const auto& step : std::vector(bench.held)) bench.answer(*step, emits());
    bench.settle();
  }
  EXPECT_THAT(bench.emitted(), SizeIs(2000));
  EXPECT_THAT(bench.deferred(), IsEmpty());
}

// 2,000 events of 200 KB against a CRM that hangs, and Kafka that takes no deferral: nothing can leave the
// process, so it must not read on.
TEST(Fairness, BytesInMemoryAreBoundByNotReading) {
  Bench bench;
  bench.settings.bounds.bytes = 8U << 20U;
  bench.settings.bounds.lane.bytes = 4U << 20U;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
  for (int i = 0; i < 2000; ++i)
    bench.publish({.session = std::to_string(i), .value = "a" + std::to_string(i % 40), .padding = 200'000});
  bench.start();
  EXPECT_LE(bench.split_records * 6 * 200'000, (8U << 20U) + 6 * 200'500) << "each stands for all its copies";
  EXPECT_GE(bench.split_records, 6U);
}

TEST(Fairness, AProcessFullOfLanesThatDoNotMoveMakesRoomForOneThatDoes) {
  Bench bench;
  bench.settings.bounds.units = 200;
  bench.settings.bounds.lane.units = 100;
  bench.answers = [](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.account == CrmAccount("good")) return emits();
    return std::nullopt;
  };
  for (int i = 0; i < 400; ++i)
    bench.publish({.session = std::to_string(i), .value = "bad" + std::to_string(i % 4)});
  bench.publish({.session = "x", .tenant = "t2", .value = "good"});
  bench.settings.bounds.slots = 16;
  bench.settings.bounds.lane.slots = 2;
  bench.start();
  EXPECT_THAT(bench.emitted(), IsEmpty());
  bench.advance(10s);
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
}

TEST(Fairness, ALaneWithoutAnswersHoldsFewerAndFewerSlots) {
  Bench bench;
  bench.settings.bounds.lane.slots = 16;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
  for (int i = 0; i < 100; ++i) bench.publish({.session = std::to_string(i)});
  bench.start();
  ASSERT_THAT(bench.held, SizeIs(16));
  for (const auto& step : std::vector(bench.held)) bench.answer(*step, fails(Cause::Timeout));
  bench.settle();
  EXPECT_THAT(bench.held, SizeIs(1));
}

}  // namespace
}  // namespace aftercall::stage::bench
