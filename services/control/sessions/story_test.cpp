#include "control/sessions/story.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "control/deferred/released_copy.hpp"
#include "control/sessions/records_for_tests.hpp"
#include "control/sessions/session_view.hpp"
#include "control/sessions/unit_story.hpp"

namespace aftercall::control {
namespace {

using Kind = events::v1::EventDeferred::Kind;
using testing::HasSubstr;

const Instant now = instant_of(10'000'000);

// As the view would tell it after these records.
api::Story story(const std::vector<Record>& records) {
  auto view = SessionView::open({}, example::names);
  EXPECT_TRUE(view);
  (*view)->apply(records, now);
  return story_of((*view)->facts_of("acme/meetings/s1"));
}

TEST(Story, OfAWrittenSessionNamesTheRecord) {
  const auto told = story({example::finished(1, 1), example::settled(1, "written", 2)});
  EXPECT_EQ(told.state(), "written");
  ASSERT_EQ(told.units_size(), 1);
  EXPECT_EQ(told.units(0).artifacts(0).crm_id(), "note-1");
  EXPECT_EQ(told.title(), "Review");
  EXPECT_EQ(told.steps_size(), 2);
}

TEST(Story, NamesTheDealAndWhatTheRecordStandsBeside) {
  const auto told =
      story({example::finished(1, 1), example::matched(1, 2), example::settled(1, "written", 3)});
  EXPECT_EQ(told.units(0).deal().id(), "52");
  EXPECT_EQ(told.units(0).deal().name(), "Renewal");
  ASSERT_EQ(told.units(0).artifacts(0).beside_size(), 1);
  EXPECT_EQ(told.units(0).artifacts(0).beside(0).id(), "52");
}

TEST(Story, MasksAddressesAndHoldsNoText) {
  const auto told = story({example::finished(1, 1)});
  EXPECT_EQ(told.state(), "under way");
  const auto bytes = told.SerializeAsString();
  EXPECT_EQ(bytes.find("anna@contoso.example"), std::string::npos);
  EXPECT_EQ(bytes.find("secret plan"), std::string::npos);
  EXPECT_EQ(told.participants(0).name(), "Anna");
}

TEST(Story, ARepeatedDeliveryNeverReplacesWhatWasWritten) {
  for (const char* repeat : {"already there", "superseded"}) {
    const auto told =
        story({example::finished(1, 1), example::settled(1, "written", 2), example::settled(1, repeat, 3)});
    EXPECT_EQ(told.units(0).reason(), "written") << repeat;
  }
}

TEST(Story, ANewerRevisionUnderWayIsNotToldAsWritten) {
  const auto told =
      story({example::finished(1, 1), example::settled(1, "written", 2), example::finished(2, 3)});
  EXPECT_EQ(told.state(), "under way");
}

TEST(Story, ABlockedUnitSaysWhatToDo) {
  const auto told =
      story({example::finished(1, 1), example::deferred(1, Kind::blocked, "not_authorized", 2)});
  EXPECT_EQ(told.state(), "blocked");
  EXPECT_THAT(told.sentence(), HasSubstr("connect the CRM again"));
}

TEST(Story, AReleasedDeferralIsHistory) {
  const auto told = story({example::finished(1, 1), example::deferred(1, Kind::waiting, "rate_limited", 2),
                           example::released(1, 3), example::settled(1, "written", 4)});
  EXPECT_EQ(told.state(), "written");
  EXPECT_EQ(told.steps_size(), 3);
}

std::string told_steps(const std::vector<Record>& records) {
  std::string all;
  const api::Story whole = story(records);
  for (const auto& step : whole.steps()) all += step.what() + "\n";
  return all;
}

TEST(Story, APersonsWishIsNoFurtherDeferral) {
  const auto first = example::deferred(1, Kind::dead, "rejected", 2);
  auto release = *wish_for(first, {"ann"});
  auto discard = *wish_for(first, {"ann", "a test call"});
  const auto wished = [&](const Draft& draft, int second) {
    auto record = first;
    record.at.offset += 1000;
    record.time = Instant(std::chrono::seconds(second));
    record.value = draft.value;
    return record;
  };
  EXPECT_EQ(told_steps({first, wished(release, 3)}), "deferred: rejected\nrelease asked for by ann\n");
  EXPECT_EQ(told_steps({wished(release, 3)}), "deferred: rejected; release asked for by ann\n")
      << "compacted";
  const std::vector<Record> ended{first, wished(discard, 3), example::released(1, 4),
                                  example::settled(1, "discarded", 5)};
  EXPECT_EQ(told_steps(ended),
            "deferred: rejected, ended since\ndiscarded by ann: a test call\nsettled: discarded\n");
  EXPECT_EQ(story(ended).state(), "nothing to write");
}

TEST(Story, AnOldRevisionThatStillWaitsDoesNotHideTheNewOne) {
  const auto told = story({example::finished(1, 1), example::deferred(1, Kind::waiting, "timeout", 2),
                           example::finished(2, 3), example::settled(2, "written", 4)});
  EXPECT_EQ(told.state(), "written");
}

TEST(Story, ARevisionThatTheMatcherIsTooOldForIsNotHiddenByTheOneBefore) {
  const auto second = example::finished(2, 4);
  const auto deferred = example::deferred_whole(second, "matcher", "needs_newer_stage", 5);
  auto records = std::vector{example::finished(1, 1), example::matched(1, 2),
                             example::settled(1, "written", 3), second, deferred};
  EXPECT_EQ(story(records).state(), "blocked") << story(records).DebugString();
  auto release = example::released(2, 6);
  release.key = deferred.key;
  records.push_back(release);
  EXPECT_EQ(story(records).state(), "under way");
}

TEST(Story, AnEventThatAStageIsTooOldForBlocksItsAccountsUnit) {
  for (const auto& event : {example::matched(1, 2), example::ready(1, 2)}) {
    const auto told = story({example::finished(1, 1), example::matched(1, 2), event,
                             example::deferred_whole(event, "formatter", "needs_newer_stage", 3)});
    EXPECT_EQ(told.state(), "blocked");
    ASSERT_EQ(told.units_size(), 1);
    EXPECT_EQ(told.units(0).crm_account(), example::account);
    EXPECT_EQ(told.units(0).advice(), "upgrade formatter, then release it");
  }
}

// Each topic is read in its own order, and nothing is said of which of them is ahead.
TEST(Story, IsTheSameInWhateverOrderTopicsWereRead) {
  const std::vector<std::vector<Record>> topics = {
      {example::finished(1, 1), example::finished(2, 5)},
      {example::matched(1, 2), example::matched(2, 6)},
      {example::ready(1, 3)},
      {example::settled(1, "written", 4)},
      {example::deferred(1, Kind::waiting, "timeout", 2), example::released(1, 3),
       example::deferred(2, Kind::blocked, "not_authorized", 7)},
  };
  std::vector<std::size_t> order = {0, 1, 2, 3, 4};
  std::string expected;
  do {
    std::vector<Record> records;
    for (const auto topic : order) records.insert(records.end(), topics[topic].begin(), topics[topic].end());
    const auto told = story(records);
    EXPECT_EQ(told.state(), "blocked");
    EXPECT_EQ(told.steps_size(), 8);
    if (expected.empty()) expected = told.SerializeAsString();
    EXPECT_EQ(told.SerializeAsString(), expected);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Story, EveryCauseThatNeedsAPersonHasAdvice) {
  for (int i = 0; i <= static_cast<int>(Cause::NeedsNewerStage); ++i) {
    const auto cause = static_cast<Cause>(i);
    EXPECT_FALSE(advice_for(std::string(name_of(cause)), "matcher").empty()) << name_of(cause);
  }
}

}  // namespace
}  // namespace aftercall::control
