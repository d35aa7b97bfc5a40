#include <gmock/gmock.h>

#include <algorithm>

#include "bench.hpp"

namespace aftercall::stage::bench {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

boost::asio::awaitable<Result<void>> restored(Result<void> result) { co_return result; }

std::optional<Outcome> hold(const Unit&, const Context&) { return std::nullopt; }

TEST(Membership, NothingIsLostAndNothingRunsTwiceWhenASecondInstanceJoins) {
  Bench bench(4);
  bench.settings.bounds.slots = 8;
  bench.answers = hold;
  for (int i = 0; i < 100; ++i) bench.publish({.session = std::to_string(i)});
  bench.start();
  ASSERT_THAT(bench.held, SizeIs(8));
  bench.start();
  EXPECT_THAT(bench.held, SizeIs(8)) << "the first finishes what it has in hand, and begins nothing new";
  for (const auto& step : std::vector(bench.held)) bench.answer(*step, emits());
  bench.settle();
  bench.answers = [](const Unit&, const Context&) { return emits(); };
  while (!bench.held.empty()) {
    for (const auto& step : std::vector(bench.held)) bench.answer(*step, emits());
    bench.settle();
  }
  bench.advance(1s);
  EXPECT_THAT(bench.started, SizeIs(100));
  EXPECT_THAT(bench.emitted(), SizeIs(100));
}

TEST(Membership, WhatIsNotDoneFiveSecondsAfterARevocationIsDroppedAndReadAgain) {
  Bench bench;
  bench.answers = hold;
  bench.publish({.session = "x"});
  bench.start();
  const auto stale = bench.find("x");
  ASSERT_NE(stale, nullptr);
  bench.start();
  bench.advance(4s);
  EXPECT_TRUE(*stale->context.ours);
  EXPECT_THAT(bench.started, SizeIs(1));
  bench.advance(2s);
  EXPECT_FALSE(*stale->context.ours);
  ASSERT_THAT(bench.started, SizeIs(1)) << "the first holds the partition again, and its order key is busy";
  bench.answer(*stale, emits());
  bench.settle();
  EXPECT_THAT(bench.emitted(), IsEmpty()) << "its result is of an old assignment";
  ASSERT_THAT(bench.started, SizeIs(2));
  EXPECT_GT(bench.find("x")->context.epoch, stale->context.epoch);
  bench.answer(*bench.find("x"), emits());
  bench.advance(1s);
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 1)));
}

TEST(Membership, WhatComesBackToItsLaneDuringARevocationIsNotTriedForTheOldAssignment) {
  Bench bench;
  bench.answers = hold;
  bench.publish({.session = "x"});
  bench.start();
  const auto stale = bench.find("x");
  ASSERT_NE(stale, nullptr);
  const auto old_epoch = stale->context.epoch;
  bench.start();
  std::vector<std::uint64_t> epochs;
  bench.answers = [&](const Unit&, const Context& context) {
    epochs.push_back(context.epoch);
    return emits();
  };
  bench.answer(*stale, fails(Cause::Timeout));
  bench.advance(10s);
  EXPECT_THAT(epochs, ElementsAre(testing::Gt(old_epoch)));
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
}

TEST(Membership, WhoLosesItsPartitionsCommitsNothingAndDropsItsResults) {
  Bench bench;
  bench.answers = hold;
  bench.publish({.session = "x"});
  auto& process = bench.start();
  const auto stale = bench.find("x");
  bus::MemoryBus::expel(*process.bus.made);
  bench.settle();
  EXPECT_FALSE(*stale->context.ours);
  bench.answer(*stale, emits());
  bench.advance(1s);
  EXPECT_THAT(bench.emitted(), IsEmpty());
  ASSERT_NE(bench.find("x"), nullptr) << "it joined again and got the event again";
  bench.answer(*bench.find("x"), emits());
  bench.advance(1s);
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
}

TEST(Membership, TheFirstEventWaitsUntilThePartitionIsRestored) {
  Bench bench;
  int tries = 0;
  std::vector<int> revoked;
  bench.steps.on_assigned = [&](int, std::uint64_t) {
    return restored(++tries < 3 ? fail(Cause::Timeout, "Kafka does not answer") : Result<void>());
  };
  bench.steps.on_revoked = [&](int partition) { revoked.push_back(partition); };
  bench.publish({.session = "x"});
  auto& process = bench.start();
  EXPECT_THAT(bench.started, IsEmpty());
  EXPECT_NE(process.stage->not_ready(), std::nullopt);
  bench.advance(3s);
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
  EXPECT_EQ(process.stage->not_ready(), std::nullopt);
  process.stage->stop();
  bench.advance(1s);
  EXPECT_THAT(revoked, ElementsAre(0));
}

TEST(Membership, APartitionThatCanNeverBeRestoredEndsTheStage) {
  Bench bench;
  bench.steps.on_assigned = [](int, std::uint64_t) {
    return restored(fail(Cause::SetupIncomplete, "note.ready and delivery.ledger differ in partitions"));
  };
  auto& process = bench.start();
  bench.advance(3s);
  EXPECT_TRUE(process.ended);
  ASSERT_TRUE(process.failure);
  EXPECT_EQ(process.failure->cause, Cause::SetupIncomplete);
}

TEST(Stop, FinishesSettlesAndCommitsWhatIsInFlightAndBeginsNothingNew) {
  Bench bench;
  bench.settings.bounds.slots = 2;
  bench.answers = hold;
  for (const auto* session : {"x", "y", "z"}) bench.publish({.session = session});
  auto& process = bench.start();
  process.stage->stop();
  bench.advance(1s);
  EXPECT_FALSE(process.ended);
  EXPECT_EQ(process.stage->not_ready(), "stopping");
  bench.answer(*bench.find("x"), emits());
  bench.answer(*bench.find("y"), settle("internal only"));
  bench.advance(2s);
  EXPECT_TRUE(process.ended);
  EXPECT_EQ(process.failure, std::nullopt);
  EXPECT_THAT(bench.started, ElementsAre("x", "y"));
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
  EXPECT_THAT(bench.settled(), SizeIs(1));
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 2)));
  bench.start();
  EXPECT_NE(bench.find("z"), nullptr);
}

TEST(Stop, WaitsTenSecondsAndNoLonger) {
  Bench bench;
  bench.answers = hold;
  bench.publish({.session = "x"});
  auto& process = bench.start();
  process.stage->stop();
  bench.advance(7s);
  EXPECT_FALSE(process.ended);
  bench.advance(3s);
  EXPECT_TRUE(process.ended);
  EXPECT_THAT(bench.committed(), testing::Not(Contains(Pair(0, 1))));
}

TEST(Stop, ComesByItselfWhenTheStepCanNeverWorkAgain) {
  Bench bench;
  std::optional<std::string> why;
  bench.steps.lost = [&] { return why; };
  bench.answers = hold;
  auto& process = bench.start();
  bench.publish({.session = "x"});
  bench.settle();
  ASSERT_EQ(process.stage->not_ready(), std::nullopt);
  why = "the ledger's producer is lost";
  bench.advance(2s);
  EXPECT_NE(process.stage->not_ready(), std::nullopt) << "while what is in hand is finished";
  bench.answer(*bench.find("x"), emits());
  bench.advance(2s);
  ASSERT_TRUE(process.ended);
  ASSERT_TRUE(process.failure);
  EXPECT_THAT(process.failure->detail, testing::HasSubstr(*why));
}

TEST(Stop, CommitsAlsoWhatWasAskedForAndNeverAcked) {
  Bench bench;
  auto& process = bench.start();
  bench.loses_commits = true;
  bench.publish({.session = "x"});
  bench.advance(1s);
  ASSERT_THAT(bench.emitted(), SizeIs(1));
  ASSERT_THAT(bench.committed(), IsEmpty());
  process.stage->stop();
  bench.advance(2s);
  EXPECT_TRUE(process.ended);
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 1)));
}

TEST(Membership, ARevocationCommitsAlsoWhatWasAskedForAndNeverAcked) {
  Bench bench;
  bench.start();
  bench.loses_commits = true;
  bench.publish({.session = "x"});
  bench.advance(1s);
  bench.start();
  bench.advance(1s);
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 1)));
  EXPECT_THAT(bench.emitted(), SizeIs(1));
}

TEST(Membership, ACommitThatWasNeverAckedIsAskedForAgain) {
  Bench bench;
  bench.start();
  bench.loses_commits = true;
  bench.publish({.session = "x"});
  bench.advance(1s);
  bench.loses_commits = false;
  bench.advance(1s);
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 1)));
}

TEST(Stop, BeforeKafkaWasEverThereEndsAtOnce) {
  Bench bench;
  bench.bus.down(true);
  auto& process = bench.start();
  EXPECT_EQ(process.stage->not_ready(), "waiting for Kafka");
  process.stage->stop();
  bench.advance(2s);
  EXPECT_TRUE(process.ended);
}

TEST(Kafka, WhileItIsDownNothingNewIsBegunAndNothingIsLost) {
  Bench bench;
  bench.settings.bounds.slots = 4;
  bench.answers = hold;
  for (int i = 0; i < 50; ++i) bench.publish({.session = std::to_string(i)});
  bench.start();
  bench.bus.down(true);
  for (const auto& step : std::vector(bench.held)) bench.answer(*step, emits());
  bench.advance(1min);
  bench.answers = [](const Unit&, const Context&) { return emits(); };
  bench.bus.down(false);
  bench.settle();
  while (!bench.held.empty()) {
    for (const auto& step : std::vector(bench.held)) bench.answer(*step, emits());
    bench.advance(1s);
  }
  bench.advance(5s);
  EXPECT_THAT(bench.emitted(), SizeIs(50));
  EXPECT_THAT(bench.deferred(), IsEmpty());
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 50)));
}

TEST(Kafka, WhatItRefusesIsPublishedAgainAndNothingNewIsBegunMeanwhile) {
  Bench bench;
  bench.settings.bounds.slots = 4;
  bench.answers = hold;
  for (int i = 0; i < 50; ++i) bench.publish({.session = std::to_string(i)});
  auto& process = bench.start();
  bench.refuses = true;
  bench.answer(*bench.find("0"), fails(Cause::Rejected));
  bench.advance(1min);
  EXPECT_THAT(bench.started, SizeIs(4)) << "its slot is free, but nothing could come of using it";
  EXPECT_NE(process.stage->not_ready(), std::nullopt);
  bench.refuses = false;
  bench.answers = [](const Unit&, const Context&) { return emits(); };
  for (const auto& step : std::vector(bench.held)) bench.answer(*step, emits());
  bench.advance(5s);
  EXPECT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_THAT(bench.emitted(), SizeIs(49));
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 50)));
}

}  // namespace
}  // namespace aftercall::stage::bench
