#include "control/sessions/session_view.hpp"

#include <gmock/gmock.h>

#include "control/sessions/records_for_tests.hpp"
#include "control/sessions/sessions_service.hpp"

namespace aftercall::control {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = events::v1::EventDeferred::Kind;

const Instant now = instant_of(10'000'000);
const std::string key = "acme/meetings/s1";

std::unique_ptr<SessionView> view_of(const std::vector<Record>& records, Instant at = now) {
  auto view = SessionView::open({}, example::names);
  EXPECT_TRUE(view);
  (*view)->apply(records, at);
  return std::move(*view);
}

TEST(SessionView, FindsASessionByItsIdALinkAndARecordsId) {
  const auto view = view_of({example::finished(1, 1), example::settled(1, "written", 2)});
  for (const char* id : {"s1", "https://meet.example/s1", "note-1"})
    EXPECT_THAT(view->sessions_with(id, 10), ElementsAre(key)) << id;
  EXPECT_THAT(view->sessions_with("s2", 10), IsEmpty());
}

TEST(SessionView, FindsASessionOfWhichNothingButAnUnreadableEventIsKnown) {
  const auto view = view_of({example::deferred(1, Kind::dead, "malformed", 1)});
  EXPECT_THAT(view->sessions_with("s1", 10), ElementsAre(key));
}

TEST(SessionView, FindsASessionOfWhichOnlyTheEndIsKept) {
  const auto view = view_of({example::settled(1, "written", 3)});
  EXPECT_THAT(view->sessions_with("s1", 10), ElementsAre(key));
}

TEST(SessionView, TheAgeOfAnIdDoesNotDependOnTheOrderOfTopics) {
  const int day = 24 * 3600;
  const auto finished = example::finished(1, 1);
  const auto settled = example::settled(1, "written", 20 * day);
  for (const auto& records : {std::vector{finished, settled}, std::vector{settled, finished}}) {
    const auto view = view_of({});
    for (const auto& record : records) view->apply({record}, instant_of(0));
    view->apply({}, Instant(std::chrono::seconds(100 * day)));
    EXPECT_THAT(view->sessions_with("s1", 10), ElementsAre(key)) << records.front().at.topic;
  }
}

TEST(SessionView, GoesOnBehindWhatItHasRead) {
  const auto record = example::finished(1, 1);
  const auto view = view_of({record});
  for (const auto& start : view->starts(1))
    EXPECT_EQ(start.offset, start.topic == record.at.topic ? record.at.offset + 1 : bus::beginning);
}

TEST(SessionView, BeginsAnewWhenKafkaDoesNotHoldWhatItHasRead) {
  const auto record = example::finished(1, 1);
  const auto view = view_of({});
  const auto held = [&](std::int64_t next) {
    return bus::Ground{"here", {{record.at.topic, record.at.partition, 0, next}}};
  };
  EXPECT_FALSE(view->begin_anew_unless_in(held(0), now));
  view->apply({record}, now);
  EXPECT_FALSE(view->begin_anew_unless_in(held(record.at.offset + 1), now));
  EXPECT_THAT(view->facts_of(key), SizeIs(1));
  EXPECT_TRUE(view->begin_anew_unless_in(held(record.at.offset), now)) << "Kafka lost its disk";
  EXPECT_THAT(view->facts_of(key), IsEmpty());
  EXPECT_THAT(view->sessions_with("s1", 10), IsEmpty());
  for (const auto& start : view->starts(1)) EXPECT_EQ(start.offset, bus::beginning);
}

TEST(SessionView, BeginsAnewWhenItStoodStillForLongerThanTombstonesAreKept) {
  const auto record = example::finished(1, 1);
  const auto view = view_of({record});
  const bus::Ground held{"", {{record.at.topic, record.at.partition, 0, record.at.offset + 1}}};
  EXPECT_FALSE(view->begin_anew_unless_in(held, now + view::Checkpoints::believed_for));
  EXPECT_TRUE(
      view->begin_anew_unless_in(held, now + view::Checkpoints::believed_for + std::chrono::hours(1)));
  EXPECT_THAT(view->facts_of(key), IsEmpty());
}

TEST(SessionView, TheSameRecordTwiceIsOneFact) {
  const auto record = example::finished(1, 1);
  const auto view = view_of({record, record});
  EXPECT_THAT(view->facts_of(key), SizeIs(1));
}

TEST(SessionView, ATombstoneReleasesItsOwnDeferralAlone) {
  const auto view = view_of(
      {example::deferred(1, Kind::waiting, "timeout", 1), example::deferred(2, Kind::dead, "rejected", 2)});
  view->apply({example::released(1, 3)}, now);
  const auto facts = view->facts_of(key);
  ASSERT_THAT(facts, SizeIs(2));
  for (const auto& fact : facts) EXPECT_EQ(fact.released.has_value(), fact.deferral == "deferral-1");
}

TEST(SessionView, RowsExpireWithTheTopicsTheyCameFrom) {
  const auto view = view_of({example::finished(1, 1), example::settled(1, "written", 2)});
  view->apply({example::finished(2, 10)}, now + std::chrono::hours(31 * 24));
  const auto facts = view->facts_of(key);
  ASSERT_THAT(facts, SizeIs(1));
  EXPECT_EQ(facts[0].kind, Fact::Kind::Settled);
}

TEST(SessionView, WhatCannotBeReadIsPassedOver) {
  auto garbage = example::finished(1, 1);
  garbage.value = "\xff\xff";
  EXPECT_THAT(view_of({garbage})->facts_of(key), IsEmpty());
}

TEST(FindStory, SaysWhenSeveralSessionsHaveOneIdAndWhenNoneHas) {
  events::v1::SessionFinished other;
  *other.mutable_session() = example::session(1);
  other.mutable_session()->set_source("dialer");
  const auto view =
      view_of({example::finished(1, 1), example::record(wire::topic::session_finished, "acme/dialer/s1",
                                                        other.SerializeAsString(), 2)});
  api::SessionRef ref;
  ref.set_session_id("s1");
  const auto several = find_story(*view, ref);
  ASSERT_FALSE(several);
  EXPECT_THAT(several.error().detail, HasSubstr("acme/dialer/s1"));
  ref.set_source("dialer");
  EXPECT_TRUE(find_story(*view, ref));
  ref.set_session_id("s2");
  EXPECT_EQ(find_story(*view, ref).error().cause, Cause::NotFound);
}

TEST(FindStory, FindsWhoIsNamedInFullBehindAnyNumberOfOthersWithThatId) {
  std::vector<Record> records{example::finished(1, 1)};
  for (int number = 0; number < 600; ++number) {
    const auto source = "dialer-" + std::to_string(number);
    events::v1::SessionFinished other;
    *other.mutable_session() = example::session(1);
    other.mutable_session()->set_source(source);
    records.push_back(example::record(wire::topic::session_finished, "acme/" + source + "/s1",
                                      other.SerializeAsString(), 2 + number));
  }
  const auto view = view_of(std::move(records));
  api::SessionRef ref;
  ref.set_session_id("s1");
  ref.set_tenant("acme");
  ref.set_source(example::session(1).source());
  EXPECT_TRUE(find_story(*view, ref));
  ref.set_source("nobody");
  EXPECT_EQ(find_story(*view, ref).error().cause, Cause::NotFound);
}

}  // namespace
}  // namespace aftercall::control
