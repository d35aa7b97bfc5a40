// The runner and control's releaser together: what the one defers the other brings back.
#include <gmock/gmock.h>

#include "release_bench.hpp"
#include "view/test_full_disk.hpp"
#include "wire/keys.hpp"
#include "wire/time.hpp"

namespace aftercall::stage::bench {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST_F(Release, WhatWaitsComesBackWhenItIsDueAsItWasButForItsCounters) {
  start_answering(fails(Cause::Timeout));
  bench.start();
  start_releaser();
  Bench::Publishing event{.session = "x", .value = "a1,a2"};
  event.envelope.upstream_id = "u";
  bench.publish(event);
  bench.advance(31s);
  ASSERT_THAT(waiting(), SizeIs(2));
  const auto first = waiting().begin()->second;
  start_answering(settle("written"));
  const auto due = std::chrono::seconds(first.not_before().seconds()) -
                   std::chrono::duration_cast<std::chrono::seconds>(bench.clock.wall().time_since_epoch());
  ASSERT_GT(due, 60s);
  bench.advance(due - 10s);
  EXPECT_THAT(copies(), IsEmpty()) << "before its time";
  bench.advance(15s);
  ASSERT_THAT(copies(), SizeIs(2));
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(bench.settled(), SizeIs(2)) << "each copy runs its own unit alone";
  const auto origin = bench.records("session.finished").front();
  for (const auto& copy : copies()) {
    EXPECT_EQ(copy.at.partition, origin.at.partition);
    EXPECT_EQ(copy.key, origin.key);
    EXPECT_EQ(copy.value, origin.value);
    const auto envelope = wire::envelope_of(copy.headers);
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->id, "id-of-x");
    EXPECT_EQ(envelope->upstream_id, "u");
    EXPECT_EQ(envelope->attempt, 2);
    EXPECT_EQ(envelope->tries, 1);
    EXPECT_THAT(envelope->unit, testing::AnyOf("a1", "a2"));
    EXPECT_EQ(milliseconds_of(envelope->first_deferred) / 1000, first.first_deferred_at().seconds());
  }
}

TEST_F(Release, ACopyThatFailsAgainBeforeTheTombstoneIsWrittenIsNotLost) {
  start_answering(fails(Cause::Unanswered));
  bench.start();
  start_releaser();
  writes_tombstones = false;
  bench.publish({.session = "x"});
  bench.advance(35s);
  ASSERT_THAT(waiting(), SizeIs(2)) << "the old one, and its copy's";
  writes_tombstones = true;
  bench.advance(10s);
  ASSERT_THAT(waiting(), SizeIs(1));
  EXPECT_EQ(wire::split_key(waiting().begin()->first)->at(3), "2");
  EXPECT_THAT(copies(), SizeIs(1)) << "while its tombstone waits it is not published again";
  start_answering(settle("written"));
  bench.advance(40s);
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(bench.settled(), SizeIs(1));
}

TEST_F(Release, WhoIsKilledBeforeTheTombstoneLeavesASecondCopyOfTheSameEvent) {
  start_answering(fails(Cause::Unanswered));
  bench.start();
  auto& first = start_releaser();
  bench.publish({.session = "x"});
  bench.settle();
  start_answering(settle("written"));
  writes_tombstones = false;
  bench.advance(35s);
  stop(first);
  EXPECT_THAT(waiting(), SizeIs(1));
  writes_tombstones = true;
  start_releaser();
  bench.advance(5s);
  EXPECT_THAT(waiting(), IsEmpty());
  ASSERT_THAT(copies(), SizeIs(2));
  EXPECT_EQ(copies()[0].headers, copies()[1].headers);
  EXPECT_EQ(copies()[0].value, copies()[1].value);
}

TEST_F(Release, GoesOnInMemoryWhenTheDiskOfWhatWaitsIsFull) {
  table = std::filesystem::temp_directory_path() / ("aftercall-release-" + std::to_string(getpid()));
  start_answering(fails(Cause::Unanswered));
  bench.start();
  auto& first = start_releaser();
  bench.publish({.session = "x"});
  bench.advance(1s);
  EXPECT_EQ(first.releaser->deferrals().size(), 1);
  {
    const view::FullDisk full;
    bench.publish({.session = "y"});
    bench.advance(1s);
    const auto& releaser = *first.releaser;
    ASSERT_TRUE(eventually([&] { return releaser.in_memory() && !releaser.why_not_ready(); }));
    EXPECT_THAT(*releaser.in_memory(), testing::HasSubstr(table.string()));
    EXPECT_EQ(releaser.deferrals().size(), 2);
    start_answering(settle("written"));
    bench.advance(40s);
    EXPECT_THAT(copies(), SizeIs(2));
    EXPECT_THAT(waiting(), IsEmpty());
    stop(first);
    EXPECT_TRUE(start_releaser().releaser->in_memory()) << "a start needs no room either";
  }
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(table.string() + end);
}

TEST_F(Release, WhatIsBlockedWaitsForAChangeAndAMissingRightMakesNoLoop) {
  start_answering(fails(Cause::NotPermitted));
  connect();
  bench.advance(10min);
  bench.start();
  start_releaser();
  bench.publish({.session = "x"});
  bench.advance(2h);
  EXPECT_THAT(copies(), IsEmpty()) << "the connection is connected, but it was before";
  connect();
  bench.advance(5s);
  EXPECT_THAT(copies(), SizeIs(1));
  bench.advance(2h);
  EXPECT_THAT(copies(), SizeIs(2)) << "once at once, once when every stage had heard";
  ASSERT_THAT(waiting(), SizeIs(1));
  EXPECT_EQ(waiting().begin()->second.kind(), v1::EventDeferred::Kind::blocked);
  EXPECT_EQ(waiting().begin()->second.tries(), 0);
  start_answering(settle("written"));
  connect();
  bench.advance(5s);
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(bench.settled(), SizeIs(1));
}

TEST_F(Release, APausedTenantsSessionsGoOnWhenItIsResumed) {
  start_answering(fails(Cause::Paused));
  Tenant tenant;
  tenant.id = TenantId("t1");
  tenant.paused = true;
  tell(tenant);
  bench.start();
  start_releaser();
  for (int i = 0; i < 100; ++i) bench.publish({.session = std::to_string(i)});
  bench.advance(10min);
  tenant.name = "renamed";
  tell(tenant);
  bench.advance(10min);
  EXPECT_THAT(copies(), IsEmpty());
  start_answering(settle("written"));
  tenant.paused = false;
  tell(tenant);
  bench.advance(10s);
  EXPECT_THAT(bench.settled(), SizeIs(100));
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(Release, AThousandOfARateLimitedAccountAllArriveAndNoneIsDead) {
  int left = 0;
  int limited = 0;
  bench.answers = [&](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.account != CrmAccount("a1") || left-- > 0) return settle("written");
    ++limited;
    return fails(Cause::RateLimited, 60s);
  };
  bench.start();
  start_releaser();
  for (int i = 0; i < 1000; ++i) bench.publish({.session = std::to_string(i)});
  std::size_t most = 0;
  for (int minutes = 0; minutes < 120 && bench.settled().size() < 1000; ++minutes) {
    left = 50;  // the CRM takes so many a minute
    const auto before = copies().size();
    bench.advance(60s);
    most = std::max(most, copies().size() - before);
    bench.publish({.session = "other" + std::to_string(minutes), .tenant = "t2", .value = "a9"});
  }
  std::set<std::string> written;
  for (const auto& each : bench.settled())
    if (each.crm_account() == "a1") written.insert(each.session_id());
  EXPECT_THAT(written, SizeIs(1000));
  EXPECT_THAT(waiting(), IsEmpty());
  for (const auto& record : bench.records("event.deferred")) {
    if (!record.value) continue;
    v1::EventDeferred each;
    ASSERT_TRUE(each.ParseFromString(*record.value));
    EXPECT_EQ(each.kind(), v1::EventDeferred::Kind::waiting);
    EXPECT_EQ(each.tries(), 0) << "to be asked to wait is no try";
  }
  EXPECT_GT(limited, 10);
  EXPECT_LE(most, 50 + 64) << "an account that asks us to wait gets no more than its credit";
}

TEST_F(Release, AnAccountHasNoMoreOnItsWayThanItsCreditAndAnotherItsOwn) {
  start_answering(fails(Cause::NotAuthorized));
  bench.start();
  start_releaser();
  for (int i = 0; i < 300; ++i) bench.publish({.session = std::to_string(i)});
  bench.publish({.session = "other", .value = "a9"});
  bench.advance(5min);
  bench.answers = [](const Unit&, const Context&) { return std::optional<Outcome>(); };
  connect("a1");
  connect("a9");
  bench.advance(10s);
  EXPECT_EQ(copies().size(), 64 + 1);
  const auto others = bench.find("other");
  ASSERT_TRUE(others) << "it did not wait behind the three hundred";
  int answered = 0;
  for (const auto& each : std::vector(bench.held))
    if (each != others && answered++ < 10) bench.answer(*each, settle("written"));
  bench.advance(2s);
  EXPECT_THAT(bench.settled(), SizeIs(10));
  EXPECT_EQ(copies().size(), 64 + 1 + 10) << "as one ends another goes";
}

TEST_F(Release, WhatWasReleasedLongAgoIsNotReleasedWhileItIsBeingRead) {
  const auto topic = bench.settings.topics.of("event.deferred");
  v1::EventDeferred waited;
  waited.set_kind(v1::EventDeferred::Kind::waiting);
  waited.set_attempt(1);
  waited.mutable_event()->set_topic(bench.settings.topics.of("session.finished"));
  waited.mutable_event()->set_key("t1/src/x");
  waited.mutable_event()->set_value("a1");
  const auto at = [&](const std::string& key, std::optional<std::string> value) {
    Draft draft{topic, key, std::move(value), {}};
    draft.partition = 0;
    bench.publish_raw(std::move(draft));
    bench.settle();
  };
  for (int i = 0; i < 100; ++i) at("k" + std::to_string(i), waited.SerializeAsString());
  for (int i = 0; i < 100; ++i) at("k" + std::to_string(i), std::nullopt);
  reads_on = false;
  auto& running = start_releaser();
  bench.advance(10s);
  EXPECT_EQ(running.releaser->deferrals().size(), 100);
  EXPECT_EQ(copies().size(), 0);
  reads_on = true;
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (running.releaser->why_not_ready() && std::chrono::steady_clock::now() < until) {
    bench.io.restart();
    bench.io.run_one_for(50ms);
  }
  bench.advance(10s);
  EXPECT_EQ(running.releaser->deferrals().size(), 0);
  EXPECT_EQ(copies().size(), 0);
}

TEST_F(Release, WhatIsDeadComesBackOnlyForAPersonAndWithItsTriesForgotten) {
  start_answering(fails(Cause::Rejected));
  bench.start();
  auto& running = start_releaser();
  bench.publish({.session = "x"});
  bench.advance(2h);
  ASSERT_THAT(waiting(), SizeIs(1));
  EXPECT_THAT(copies(), IsEmpty());
  start_answering(settle("written"));
  std::vector<std::string> wanted;
  bench.bus.create("audit", 1);
  boost::asio::co_spawn(
      bench.io,
      running.releaser->want({waiting().begin()->first, "gone"}, {"ann"}, {"audit", "t1", "who", {}},
                             bus::within(5s)),
      [&](std::exception_ptr, Result<std::vector<std::string>> keys) { wanted = keys.value(); });
  bench.advance(2s);
  EXPECT_THAT(wanted, SizeIs(1));
  ASSERT_THAT(copies(), SizeIs(1));
  EXPECT_EQ(header(copies()[0].headers, "ac-tries"), "0");
  EXPECT_EQ(header(copies()[0].headers, "ac-attempt"), "2");
  EXPECT_THAT(bench.settled(), SizeIs(1));
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(Release, AfterAMonthWhatIsDeadEndsWithAnOutcomeThatSaysSo) {
  start_answering(fails(Cause::Rejected));
  bench.start();
  start_releaser();
  Bench::Publishing event{.session = "x"};
  event.envelope.first_deferred = truncate(bench.clock.wall()) - 30 * 24h + 1h;
  bench.publish(event);
  bench.advance(59min);
  EXPECT_THAT(waiting(), SizeIs(1));
  EXPECT_THAT(bench.settled(), IsEmpty());
  bench.advance(2min);
  ASSERT_THAT(bench.settled(), SizeIs(1));
  EXPECT_EQ(bench.settled()[0].reason(), "expired");
  EXPECT_EQ(bench.settled()[0].session_id(), "x");
  EXPECT_EQ(bench.settled()[0].crm_account(), "a1");
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(copies(), IsEmpty());
}

TEST_F(Release, TwoInstancesReleaseEachItsOwnAndOneTakesOverTheOthers) {
  start_answering(fails(Cause::Unanswered));
  bench.start();
  auto& first = start_releaser();
  start_releaser();
  for (int i = 0; i < 60; ++i) bench.publish({.session = std::to_string(i)});
  bench.advance(1s);
  ASSERT_THAT(waiting(), SizeIs(60));
  start_answering(settle("written"));
  bench.advance(60s);
  EXPECT_THAT(copies(), SizeIs(60)) << "each once";
  EXPECT_THAT(bench.settled(), SizeIs(60));
  start_answering(fails(Cause::Unanswered));
  for (int i = 0; i < 60; ++i) bench.publish({.session = "more" + std::to_string(i)});
  bench.advance(1s);
  stop(first);
  start_answering(settle("written"));
  bench.advance(60s);
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(copies(), SizeIs(120));
}

TEST_F(Release, AForgedOriginIsNeverPublishedTo) {
  bench.start();
  start_releaser();
  v1::EventDeferred forged;
  forged.set_kind(v1::EventDeferred::Kind::waiting);
  forged.set_attempt(1);
  forged.set_stage("matcher");
  forged.mutable_event()->set_topic(bench.settings.topics.of("session.settled"));
  forged.mutable_event()->set_key("t1/src/x");
  forged.mutable_event()->set_value("anything");
  forged.set_release_wanted_by("mallory");
  wire::write_time(*forged.mutable_first_deferred_at(), truncate(bench.clock.wall()) - 30 * 24h + 2min);
  bench.publish_raw({bench.settings.topics.of("event.deferred"), "k", forged.SerializeAsString(), {}});
  bench.advance(60s);
  EXPECT_THAT(bench.settled(), IsEmpty());
  EXPECT_THAT(waiting(), SizeIs(1));
  bench.advance(2min);
  EXPECT_THAT(waiting(), IsEmpty()) << "it is not kept for longer than anything else";
}

}  // namespace
}  // namespace aftercall::stage::bench
