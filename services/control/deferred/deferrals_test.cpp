#include "control/deferred/deferrals.hpp"

#include <gmock/gmock.h>
#include <malloc.h>

namespace aftercall::control {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const auto anyone = [](const Deferral&) { return true; };

Deferral of(const std::string& account, const std::string& key, int partition = 0) {
  Deferral deferral;
  deferral.key = key;
  deferral.at = {"event.deferred", partition, 0};
  deferral.tenant = TenantId("t");
  deferral.unit = CrmAccount(account);
  deferral.stage = "matcher";
  return deferral;
}

std::vector<std::string> all_due(Deferrals& deferrals, Instant now,
                                 const Deferrals::MayHaveMore& may = anyone) {
  std::vector<std::string> keys;
  while (auto next = deferrals.next(now, may)) keys.push_back(next->key);
  return keys;
}

TEST(Deferrals, GivesOutWhatIsDueOnceAndTheEarliestFirst) {
  Deferrals deferrals;
  deferrals.own({0});
  deferrals.insert(of("a", "late"), instant_of(300));
  deferrals.insert(of("a", "second"), instant_of(200));
  deferrals.insert(of("a", "first"), instant_of(100));
  deferrals.insert(of("a", "blocked"), std::nullopt);
  EXPECT_THAT(all_due(deferrals, instant_of(250)), ElementsAre("first", "second"));
  EXPECT_THAT(all_due(deferrals, instant_of(250)), IsEmpty()) << "they are in hand";
  EXPECT_THAT(all_due(deferrals, instant_of(300)), ElementsAre("late"));
}

TEST(Deferrals, WhatIsInHandWaitsNoMoreUntilItIsPutBack) {
  Deferrals deferrals;
  deferrals.own({0});
  deferrals.insert(of("a", "x"), instant_of(100));
  EXPECT_TRUE(deferrals.waits("x"));
  EXPECT_THAT(all_due(deferrals, instant_of(100)), ElementsAre("x"));
  EXPECT_FALSE(deferrals.waits("x"));
  EXPECT_TRUE(deferrals.contains("x"));
  deferrals.put_back("x", instant_of(200));
  EXPECT_TRUE(deferrals.waits("x"));
  deferrals.erase("x");
  EXPECT_FALSE(deferrals.waits("x"));
}

TEST(Deferrals, AccountsTakeTurnsAndOneThatMayHaveNoMoreIsPassedOver) {
  Deferrals deferrals;
  deferrals.own({0});
  for (const auto* account : {"a", "b", "c"})
    for (int i = 0; i < 2; ++i) deferrals.insert(of(account, account + std::to_string(i)), instant_of(i));
  const auto not_b = [](const Deferral& first) { return first.unit != CrmAccount("b"); };
  EXPECT_THAT(all_due(deferrals, instant_of(9), not_b), ElementsAre("a0", "c0", "a1", "c1"));
  EXPECT_THAT(all_due(deferrals, instant_of(9)), ElementsAre("b0", "b1"));
}

TEST(Deferrals, OnlyWhatLiesInOurPartitionsIsGivenOut) {
  Deferrals deferrals;
  deferrals.insert(of("a", "x", 1), instant_of(1));
  deferrals.insert(of("a", "y", 2), instant_of(1));
  EXPECT_THAT(all_due(deferrals, instant_of(9)), IsEmpty());
  deferrals.own({2});
  EXPECT_THAT(all_due(deferrals, instant_of(9)), ElementsAre("y"));
  deferrals.own({1, 2});
  EXPECT_THAT(all_due(deferrals, instant_of(9)), ElementsAre("x")) << "y is in hand still";
}

TEST(Deferrals, ATombstoneTakesItAwayAndANewerRecordReplacesIt) {
  Deferrals deferrals;
  deferrals.own({0});
  deferrals.insert(of("a", "x"), instant_of(1));
  deferrals.erase("x");
  deferrals.erase("never there");
  EXPECT_THAT(all_due(deferrals, instant_of(9)), IsEmpty());
  deferrals.insert(of("a", "x"), instant_of(1));
  deferrals.next(instant_of(9), anyone);
  deferrals.insert(of("a", "x"), instant_of(5));
  EXPECT_THAT(all_due(deferrals, instant_of(4)), IsEmpty());
  EXPECT_THAT(all_due(deferrals, instant_of(5)), ElementsAre("x"));
}

TEST(Deferrals, WhatIsPutBackIsDueWhenItSays) {
  Deferrals deferrals;
  deferrals.own({0});
  deferrals.insert(of("a", "x"), instant_of(1));
  deferrals.next(instant_of(9), anyone);
  deferrals.put_back("x", instant_of(20));
  EXPECT_THAT(all_due(deferrals, instant_of(19)), IsEmpty());
  EXPECT_THAT(all_due(deferrals, instant_of(20)), ElementsAre("x"));
}

TEST(Deferrals, AChangeMakesThemDueAnewButNotWhatIsInHand) {
  Deferrals deferrals;
  deferrals.own({0});
  deferrals.insert(of("a", "x"), std::nullopt);
  deferrals.insert(of("a", "y"), instant_of(1));
  deferrals.next(instant_of(1), anyone);
  deferrals.reconsider([](const Deferral&) { return instant_of(2); });
  EXPECT_THAT(all_due(deferrals, instant_of(9)), ElementsAre("x"));
}

TEST(Deferrals, AreCountedByStageAndKindAndOursApart) {
  Deferrals deferrals;
  deferrals.own({1});
  deferrals.insert(of("a", "x", 0), std::nullopt);
  deferrals.insert(of("a", "y", 1), std::nullopt);
  EXPECT_EQ(deferrals.counts().at({"matcher", Kind::Blocked}), 2);
  EXPECT_EQ(deferrals.counts_of_ours().at({"matcher", Kind::Blocked}), 1);
}

TEST(Deferrals, WhatComesOutIsWhatWentIn) {
  Deferrals deferrals;
  Deferral in = of("a", "x", 3);
  in.at.offset = 7;
  in.session = "t/src/s";
  in.kind = Kind::InDoubt;
  in.cause = "unanswered";
  in.detail = "no answer";
  in.deferred_at = instant_of(5);
  in.first_deferred = instant_of(4);
  in.attempt = 2;
  in.tries = 3;
  in.origin = {"note.ready", 1, 9};
  in.wanted_by = "ann";
  in.discarded = true;
  for (const auto not_before : {std::optional<Instant>(), std::optional(instant_of(6))}) {
    in.not_before = not_before;
    deferrals.insert(in, std::nullopt);
    EXPECT_EQ(deferrals.find("x"), in);
  }
}

TEST(Deferrals, AHundredThousandOfThemTakeAFewMegabytes) {
  const auto file = std::filesystem::path(testing::TempDir()) / "deferrals";
  const auto in_use = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
  const auto before = in_use();
  {
    Deferrals deferrals(file);
    deferrals.own({0});
    for (int i = 0; i < 100; ++i)
      deferrals.together([&] {
        for (int j = 0; j < 1000; ++j) {
          auto deferral = of("a", std::to_string(i) + "/" + std::to_string(j) + std::string(80, 'k'));
          deferral.detail = std::string(200, 'd');
          deferrals.insert(std::move(deferral), instant_of(i * 1000 + j));
        }
      });
    EXPECT_LT(in_use() - before, 8U << 20U) << "six of them are the view's page cache";
    EXPECT_EQ(deferrals.size(), 100'000);
    EXPECT_EQ(deferrals.next(instant_of(5), anyone)->key.substr(0, 3), "0/0");
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace aftercall::control
