#include "stage/lanes.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>
#include <vector>

namespace aftercall::stage {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Optional;

const Moment start{1000s};

Ticketed unit(Ticket ticket, std::string lane, std::string order, std::size_t bytes = 1) {
  return {ticket, std::move(lane), std::move(order), bytes};
}

LaneBounds small() { return {.units = 3, .bytes = 100, .slots = 2, .patience = 5s}; }

TEST(Lanes, TwoUnitsOfOneOrderKeyRunOneAfterTheOther) {
  Lanes lanes(small());
  lanes.push(unit(1, "a", "k"), start);
  lanes.push(unit(2, "a", "k"), start);
  EXPECT_THAT(lanes.next(start), Optional(1));
  EXPECT_EQ(lanes.next(start), std::nullopt);
  lanes.ended(1, Lanes::Answer::Came);
  EXPECT_EQ(lanes.next(start), std::nullopt) << "its outcome is not acked yet";
  lanes.finished(1);
  EXPECT_THAT(lanes.next(start), Optional(2));
}

TEST(Lanes, TakeTurnsHoweverMuchWaitsInOne) {
  Lanes lanes({.units = 1000, .slots = 1000});
  for (Ticket ticket = 0; ticket < 500; ++ticket)
    lanes.push(unit(ticket, "busy", std::to_string(ticket)), start);
  lanes.push(unit(1000, "quiet", "x"), start);
  EXPECT_THAT(lanes.next(start), Optional(0));
  EXPECT_THAT(lanes.next(start), Optional(1000));
}

TEST(Lanes, AHangingLaneHoldsItsOwnSlotsOnly) {
  Lanes lanes(small());
  for (Ticket ticket = 1; ticket <= 3; ++ticket)
    lanes.push(unit(ticket, "hangs", std::to_string(ticket)), start);
  EXPECT_THAT(lanes.next(start), Optional(1));
  EXPECT_THAT(lanes.next(start), Optional(2));
  EXPECT_EQ(lanes.next(start), std::nullopt);
  lanes.push(unit(4, "other", "y"), start);
  EXPECT_THAT(lanes.next(start), Optional(4));
}

TEST(Lanes, ALaneWithoutAnswersLosesHalfOfItsSlotsAndGetsThemBackOneByOne) {
  Lanes lanes({.units = 100, .slots = 4});
  for (Ticket ticket = 1; ticket <= 20; ++ticket)
    lanes.push(unit(ticket, "a", std::to_string(ticket)), start);
  const auto run = [&] {
    std::vector<Ticket> running;
    while (const auto ticket = lanes.next(start)) running.push_back(*ticket);
    return running;
  };
  const auto all = run();
  ASSERT_EQ(all.size(), 4U);
  for (const auto ticket : all) lanes.ended(ticket, Lanes::Answer::Missing);
  const auto one = run();
  ASSERT_EQ(one.size(), 1U);
  lanes.ended(one[0], Lanes::Answer::Came);
  EXPECT_EQ(run().size(), 2U);
}

TEST(Lanes, ARetryIsTheFirstOfItsOrderKeyAndComesAtItsTime) {
  Lanes lanes(small());
  lanes.push(unit(1, "a", "k"), start);
  lanes.push(unit(2, "a", "k"), start);
  lanes.next(start);
  lanes.ended(1, Lanes::Answer::Missing);
  lanes.again(1, start + 2s);
  EXPECT_EQ(lanes.next(start + 1s), std::nullopt);
  EXPECT_THAT(lanes.next_due(start + 1s), Optional(start + 2s));
  EXPECT_THAT(lanes.next(start + 2s), Optional(1));
  EXPECT_EQ(lanes.next_due(start + 2s), std::nullopt);
}

TEST(Lanes, ARestHoldsTheWholeLaneAndNoOther) {
  Lanes lanes(small());
  lanes.push(unit(1, "a", "k"), start);
  lanes.push(unit(2, "b", "k"), start);
  lanes.rest("a", start + 3s);
  EXPECT_THAT(lanes.next(start), Optional(2));
  EXPECT_EQ(lanes.next(start), std::nullopt);
  EXPECT_THAT(lanes.next_due(start), Optional(start + 3s));
  EXPECT_THAT(lanes.next(start + 3s), Optional(1));
}

TEST(Lanes, WhatArrivesDuringALongRestMustWaitElsewhere) {
  Lanes lanes(small());
  lanes.rest("a", start + 60s);
  EXPECT_EQ(lanes.room("a", 1, start), Lanes::Room::No);
  EXPECT_EQ(lanes.room("a", 1, start + 56s), Lanes::Room::Yes) << "the rest is over soon";
  EXPECT_EQ(lanes.room("b", 1, start), Lanes::Room::Yes);
}

TEST(Lanes, AFullLaneIsWorthWaitingForWhileItMoves) {
  Lanes lanes(small());
  Ticket last = 0;
  const auto fill = [&] {
    for (; lanes.waiting() < 3; ++last) lanes.push(unit(last, "a", std::to_string(last)), start);
  };
  fill();
  EXPECT_EQ(lanes.room("a", 1, start), Lanes::Room::Soon) << "nobody knows its pace";
  EXPECT_EQ(lanes.stuck(start), std::nullopt);
  for (auto now = start; now < start + 10s; now += 50ms) {
    const auto ticket = lanes.next(now);
    lanes.finished(*ticket);
    fill();
    ASSERT_EQ(lanes.room("a", 1, now), Lanes::Room::Soon) << "it moves";
  }
  EXPECT_EQ(lanes.room("a", 1, start + 10s + 400ms), Lanes::Room::Soon) << "the last look saw some go";
  EXPECT_EQ(lanes.room("a", 1, start + 10s + 800ms), Lanes::Room::No) << "it stands";
  EXPECT_THAT(lanes.stuck(start + 10s + 800ms), Optional(std::string("a")));
}

TEST(Lanes, AFullLaneAtRestOrEmptiedIsNotJudgedByItsPace) {
  Lanes lanes(small());
  for (Ticket ticket = 1; ticket <= 3; ++ticket) lanes.push(unit(ticket, "a", "k"), start);
  EXPECT_EQ(lanes.room("a", 1, start), Lanes::Room::Soon);
  EXPECT_EQ(lanes.room("a", 1, start + 400ms), Lanes::Room::No);
  lanes.spill("a");
  for (Ticket ticket = 4; ticket <= 6; ++ticket) lanes.push(unit(ticket, "a", "k"), start + 1s);
  EXPECT_EQ(lanes.room("a", 1, start + 1s), Lanes::Room::Soon);
  lanes.rest("a", start + 2s);
  EXPECT_EQ(lanes.room("a", 1, start + 1s), Lanes::Room::No) << "full and at rest";
}

TEST(Lanes, WhileNobodyLooksNoPaceIsTold) {
  Lanes lanes(small());
  for (Ticket ticket = 1; ticket <= 3; ++ticket) lanes.push(unit(ticket, "a", "k"), start);
  EXPECT_EQ(lanes.room("a", 1, start), Lanes::Room::Soon);
  EXPECT_EQ(lanes.room("a", 1, start + 60s), Lanes::Room::Soon) << "the stage was halted, say";
  EXPECT_EQ(lanes.room("a", 1, start + 60s + 400ms), Lanes::Room::No);
}

TEST(Lanes, TimeInWhichNobodyCouldLookIsNotHeldAgainstALane) {
  Lanes lanes(small());
  for (Ticket ticket = 1; ticket <= 3; ++ticket) lanes.push(unit(ticket, "a", "k"), start);
  EXPECT_EQ(lanes.room("a", 1, start), Lanes::Room::Soon);
  lanes.overslept(300ms);
  EXPECT_EQ(lanes.room("a", 1, start + 500ms), Lanes::Room::Soon) << "looked at for 200 ms";
  EXPECT_EQ(lanes.room("a", 1, start + 700ms), Lanes::Room::No);
}

TEST(Lanes, BytesFillALaneToo) {
  Lanes lanes(small());
  EXPECT_EQ(lanes.room("a", 5000, start), Lanes::Room::Yes) << "one unit always fits";
  lanes.push(unit(1, "a", "k", 80), start);
  EXPECT_EQ(lanes.room("a", 30, start), Lanes::Room::Soon);
  EXPECT_EQ(lanes.room("a", 20, start), Lanes::Room::Yes);
}

TEST(Lanes, SpillingTakesWhatWaitsAndLeavesWhatRuns) {
  Lanes lanes(small());
  for (Ticket ticket = 1; ticket <= 3; ++ticket) lanes.push(unit(ticket, "a", "k"), start);
  lanes.next(start);
  EXPECT_THAT(lanes.spill("a"), ElementsAre(2, 3));
  EXPECT_EQ(lanes.waiting(), 0U);
  EXPECT_EQ(lanes.running(), 1U);
  lanes.finished(1);
  EXPECT_EQ(lanes.running(), 0U);
}

// Random traffic against the rules: no order key twice at once, never more slots than bound, nothing lost,
// first come first served in an order key.
struct Traffic {
  std::mt19937 random;
  Lanes lanes{{.units = 1000, .slots = 3}};
  std::map<Ticket, std::pair<std::string, std::string>> known{};
  std::map<std::string, Ticket> last_of_order{};
  std::set<Ticket> running{};
  std::set<std::string> busy{};
  Ticket made = 0;
  std::size_t gone = 0;
  Moment now = start;
  std::string broken{};  // the first rule that was

  void must(bool holds, const char* rule) {
    if (!holds && broken.empty()) broken = rule;
  }
  void arrive() {
    const auto lane = "lane" + std::to_string(random() % 4);
    const auto order = lane + "/" + std::to_string(random() % 5);
    known[++made] = {lane, order};
    lanes.push(unit(made, lane, order), now);
  }
  void end_one() {
    const auto ticket = *std::next(running.begin(), static_cast<long>(random() % running.size()));
    const auto& order = known[ticket].second;
    running.erase(ticket);
    busy.erase(order);
    lanes.ended(ticket, random() % 5 == 0 ? Lanes::Answer::Missing : Lanes::Answer::Came);
    if (random() % 4 == 0) return lanes.again(ticket, now + std::chrono::milliseconds(random() % 1000));
    lanes.finished(ticket);
    ++gone;
    must(last_of_order[order] < ticket, "first come, first served in an order key");
    last_of_order[order] = ticket;
  }
  void start_one() {
    const auto ticket = lanes.next(now);
    if (!ticket) return;
    must(busy.insert(known[*ticket].second).second, "no order key twice at once");
    running.insert(*ticket);
    std::map<std::string, int> per_lane;
    for (const auto each : running) must(++per_lane[known[each].first] <= 3, "never more slots than bound");
  }
  void step() {
    now += 100ms;
    if (made < 400 && random() % 3 == 0)
      arrive();
    else if (random() % 3 == 0 && !running.empty())
      end_one();
    else
      start_one();
    if (random() % 200 == 0) lanes.rest("lane0", now + 1s);
    must(lanes.running() == running.size(), "who runs is counted");
    must(lanes.waiting() + running.size() + gone == made, "nothing is lost");
  }
  void drain() {
    while (gone < made && broken.empty()) {
      now += 1s;
      while (const auto ticket = lanes.next(now)) running.insert(*ticket);
      must(!running.empty(), "nothing is stuck");
      for (const auto ticket : running) lanes.finished(ticket);
      gone += running.size();
      running.clear();
    }
  }
};

TEST(Lanes, KeepTheirRulesUnderRandomTraffic) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    Traffic traffic{std::mt19937(seed)};
    for (int step = 0; step < 2000; ++step) traffic.step();
    traffic.drain();
    ASSERT_EQ(traffic.broken, "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace aftercall::stage
