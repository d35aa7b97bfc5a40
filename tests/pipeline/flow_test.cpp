#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "bench.hpp"
#include "policy/keys.hpp"
#include "wire/keys.hpp"

namespace aftercall::stage::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

TEST(Flow, AnEventBecomesTheNextStagesEventAndItsOffsetIsCommitted) {
  Bench bench;
  bench.start();
  bench.publish({.session = "x"});
  bench.advance(1s);
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 1)));
  const auto envelope = wire::envelope_of(bench.records("contact.matched")[0].headers);
  EXPECT_EQ(envelope->id, derived_event_id("id-of-x", "matcher", CrmAccount("a1"), ""));
}

TEST(Flow, ABrokerThatForgetsWhereAStageStandsIsToldOf) {
  Bench bench;
  bench.bus.keep_offsets(7 * 24h);
  testing::internal::CaptureStderr();
  bench.start();
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("stage.offsets_retention_short stage=matcher minutes=10080 least=43200"));
  Bench good;
  testing::internal::CaptureStderr();
  good.start();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::Not(testing::HasSubstr("offsets_retention")));
}

TEST(Flow, AnEventOfTwoAccountsIsDoneWhenBothUnitsAre) {
  Bench bench;
  bench.answers = [](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.account == CrmAccount("a2")) return std::nullopt;
    return emits();
  };
  bench.start();
  bench.publish({.session = "x", .value = "a1,a2"});
  bench.advance(1s);
  EXPECT_THAT(bench.emitted(), ElementsAre("x"));
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 0)));
  bench.answer(*bench.find("x"), emits());
  bench.advance(1s);
  EXPECT_THAT(bench.emitted(), ElementsAre("x", "x"));
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 1)));
}

TEST(Flow, AReleasedCopyOfOneUnitRunsThatUnitOnly) {
  Bench bench;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
  bench.start();
  Bench::Publishing copy{.session = "x", .value = "a1,a2"};
  copy.envelope.unit = "a2";
  copy.envelope.attempt = 2;
  bench.publish(copy);
  bench.settle();
  ASSERT_THAT(bench.held, SizeIs(1));
  EXPECT_EQ(bench.held[0]->unit.account, CrmAccount("a2"));
  EXPECT_EQ(bench.held[0]->context.envelope.attempt, 2);
  bench.answer(*bench.held[0], settle("internal only"));
  bench.advance(1s);
  ASSERT_THAT(bench.settled(), SizeIs(1));
  EXPECT_EQ(bench.settled()[0].attempt(), 2);
  EXPECT_EQ(bench.settled()[0].crm_account(), "a2");
}

TEST(Flow, AReleasedUnitThatTheTenantNoLongerHasIsBlocked) {
  Bench bench;
  bench.start();
  Bench::Publishing copy{.session = "x", .value = "a1"};
  copy.envelope.unit = "gone";
  bench.publish(copy);
  bench.advance(1s);
  ASSERT_THAT(bench.deferred(), SizeIs(1));
  EXPECT_EQ(bench.deferred()[0].kind(), v1::EventDeferred::Kind::blocked);
  EXPECT_EQ(bench.deferred()[0].unit(), "gone");
  EXPECT_THAT(bench.started, IsEmpty());
}

TEST(Flow, NoOffsetIsCommittedBeforeTheOutcomeIsAcked) {
  Bench bench;
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
  bench.start();
  bench.publish({.session = "x"});
  bench.settle();
  bench.bus.down(true);
  bench.answer(*bench.find("x"), emits());
  bench.advance(10s);
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 0)));
  bench.bus.down(false);
  bench.advance(1s);
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 1)));
}

// One partition, a CRM that takes 200 ms: 32 slots against one.
TEST(Flow, ThirtyTwoSlotsAreMoreThanTwentyTimesAsFastAsOne) {
  const auto time_with = [](std::size_t slots) {
    Bench bench;
    bench.settings.bounds.slots = slots;
    bench.settings.bounds.lane.slots = slots;
    bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
    for (int i = 0; i < 320; ++i) bench.publish({.session = std::to_string(i)});
    bench.start();
    const auto begin = bench.clock.now();
    while (bench.emitted().size() < 320 && bench.clock.now() < begin + 1h) {
      bench.advance(200ms);
      const auto now_done = bench.held;
      for (const auto& step : now_done) bench.answer(*step, emits());
      bench.settle();
    }
    EXPECT_EQ(bench.most_at_once, slots);
    return bench.clock.now() - begin;
  };
  EXPECT_GE(time_with(1), 20 * time_with(32));
}

TEST(Flow, RevisionsOfOneSessionRunInOrderAndNeverTogetherWhateverTheOthersDo) {
  Bench bench(3);
  std::mt19937 random(7);
  bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return std::nullopt; };
  std::map<std::string, int> made;
  for (int i = 0; i < 600; ++i) {
    const auto session = "s" + std::to_string(random() % 20);
    Bench::Publishing what{.session = session};
    what.envelope.id = std::to_string(made[session]++);
    bench.publish(what);
  }
  bench.start();
  std::map<std::string, int> seen;
  for (int round = 0; round < 2000 && !bench.held.empty(); ++round) {
    std::map<std::string, int> together;
    for (const auto& step : bench.held) ASSERT_EQ(++together[step->session()], 1);
    const auto step = bench.held[random() % bench.held.size()];
    ASSERT_EQ(step->context.envelope.id, std::to_string(seen[step->session()]++));
    bench.answer(*step, emits());
    bench.settle();
  }
  EXPECT_EQ(seen, made);
  bench.advance(1s);
  std::int64_t committed = 0;
  for (const auto& [partition, offset] : bench.committed()) committed += offset;
  EXPECT_EQ(committed, 600);
}

TEST(Flow, ADryRunShowsWhatItWouldHavePublishedAndPublishesNothing) {
  Bench bench;
  std::vector<Draft> shown;
  bench.settings.dry_run = DryRun{"RUN", [&](const Draft& draft) { shown.push_back(draft); }};
  bool effects = true;
  bench.answers = [&](const Unit& unit, const Context& context) -> std::optional<Outcome> {
    effects = context.effects;
    if (unit.session.session == SessionId("bad")) return fails(Cause::Rejected);
    return emits();
  };
  auto& process = bench.start();
  bench.publish({.session = "x"});
  bench.publish({.session = "bad"});
  bench.advance(1s);
  EXPECT_THAT(shown, SizeIs(2));
  EXPECT_FALSE(effects);
  EXPECT_EQ(process.bus.asked->group, "aftercall.matcher.dry.RUN");
  EXPECT_THAT(bench.emitted(), IsEmpty());
  EXPECT_THAT(bench.deferred(), IsEmpty());
  EXPECT_THAT(bench.committed(), IsEmpty()) << "the real group stands where it stood";
}

}  // namespace
}  // namespace aftercall::stage::bench
