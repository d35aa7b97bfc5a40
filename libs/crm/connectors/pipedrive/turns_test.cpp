#include "turns.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <set>

#include "reading.hpp"

namespace aftercall::crm::pipedrive {
namespace {

using namespace std::chrono_literals;

const Turns::Moment start = Turns::Moment() + 1000h;
const auto a_step = 30s;

Operation searching() {
  Operation operation;
  operation.search = true;
  return operation;
}

TEST(Turns, FewSearchAtATimeAndTheOthersInTheOrderOfTheirUnits) {
  Turns turns;
  std::deque<Turns::Place> first;
  for (int i = 0; i < 4; ++i) first.push_back(turns.come(start + a_step, 2));
  for (const auto& each : first) EXPECT_TRUE(turns.may_search(each));
  const auto young = turns.come(start + 40s, 1);
  const auto old = turns.come(start + 35s, 1);  // its unit's second look
  turns.left(first[2], 1);
  EXPECT_FALSE(turns.may_search(old));
  turns.left(first[2], 0);
  EXPECT_TRUE(turns.may_search(old));
  EXPECT_FALSE(turns.may_search(young));
  turns.left(first[2], 0);  // gives up what it has no more
  EXPECT_FALSE(turns.may_search(young));
  turns.left(old, 0);
  EXPECT_TRUE(turns.may_search(young));
}

TEST(Turns, WhoDoesNotSearchWaitsForNobody) {
  Turns turns;
  const Pace pace(100);
  for (int i = 0; i < 100; ++i) turns.come(start + a_step, 100);
  const auto place = turns.come(start + a_step, 0);
  EXPECT_TRUE(turns.may_search(place));
  EXPECT_FALSE(turns.too_late(place, pace, start));
}

TEST(Turns, WhoCannotHaveATurnInTimeHearsSoAtOnceAndWhenThereIsOne) {
  Turns turns;
  const Pace pace(100);
  for (int i = 0; i < 4; ++i) turns.come(start + a_step, 35);
  const auto fits = turns.come(start + a_step, 35);
  EXPECT_FALSE(turns.may_search(fits));
  EXPECT_FALSE(turns.too_late(fits, pace, start)) << "28 s";
  const auto last = turns.come(start + a_step, 1);
  EXPECT_FALSE(turns.too_late(last, pace, start)) << "the four end together";
  for (int i = 0; i < 4; ++i) turns.come(start + a_step, 35);
  const auto late = turns.come(start + a_step, 1);
  const auto why = turns.too_late(late, pace, start);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->cause, Cause::RateLimited);
  EXPECT_EQ(why->retry_after, 56s) << "280 of them, then two seats are free";
  EXPECT_THAT(why->detail, testing::HasSubstr("searches"));
}

TEST(Turns, OneOfManyPeopleKeepsNobodyOutWhileThereIsRoomBesideIt) {
  Turns turns;
  const Pace pace(100);
  turns.come(start + a_step, 400);
  for (int i = 0; i < 3; ++i) turns.come(start + a_step, 2);
  EXPECT_FALSE(turns.too_late(turns.come(start + a_step, 8), pace, start));
}

TEST(Turns, ALookThatCanBeginDoesSoHoweverLittleTimeItHas) {
  Turns turns;
  Pace pace(100);
  const auto place = turns.come(start + 200ms, 2);
  EXPECT_FALSE(turns.too_late(place, pace, start));
  turns.left(place, 1);
  EXPECT_TRUE(turns.too_late(place, pace, start)) << "no time for another answer";
}

TEST(Turns, WhileTheConnectionRestsTheReasonIsThat) {
  Turns turns;
  Pace pace(100);
  const http::Headers empty{{"x-daily-ratelimit-token-limit", "30000"},
                            {"x-daily-ratelimit-token-remaining", "0"}};
  pace.heed(searching(), {429, empty, "{}"}, start);
  const auto why = turns.too_late(turns.come(start + a_step, 1), pace, start);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->retry_after, 905s);
  EXPECT_EQ(why->detail, pace.take(Operation(), start)->why);
}

// Units with guests whom the CRM does not know, on one connection, with a clock that the test moves. Each
// goes on from what it was answered, as the matcher does, when it was told to.
class Rush {
 public:
  Rush(int units, int guests) {
    for (int unit = 0; unit < units; ++unit) {
      auto& each = units_.emplace_back();
      for (int guest = 0; guest < guests; ++guest)
        each.unread.insert("g" + std::to_string(guest) + "@u" + std::to_string(unit) + ".example");
    }
  }
  void run(std::chrono::seconds at_most) {
    for (now_ = start; now_ < start + at_most && ended < units_.size(); now_ += 50ms)
      for (auto& unit : units_) go_on(unit);
    took = std::chrono::floor<std::chrono::seconds>(now_ - start);
  }

  std::size_t ended = 0;
  int searches = 0;
  int rounds = 0;  // tries that were cut short
  std::chrono::seconds took{};

 private:
  struct Unit {
    std::set<std::string> unread;
    Turns::Moment next = start;
    std::optional<Reading> reading{};
    Turns::Place place{};
    bool sent = false;
  };

  void go_on(Unit& unit) {
    if (now_ < unit.next || unit.unread.empty()) return;
    if (!unit.reading) {
      unit.reading.emplace(std::vector<Question>{ContactsByEmail{{unit.unread.begin(), unit.unread.end()}}},
                           "https://acme.pipedrive.com");
      unit.place = turns_.come(now_ + a_step, unit.reading->searches());
    }
    if (unit.sent) absorb(unit);
    if (const auto late = turns_.too_late(unit.place, pace_, now_)) unit.reading->stop(*late);
    if (!unit.reading->next()) return end(unit);
    if (!turns_.may_search(unit.place) || pace_.take(*unit.reading->next(), now_)) return;
    ++searches;
    unit.sent = true;
    unit.next = now_ + 300ms;
  }
  void absorb(Unit& unit) {
    const http::Response nobody{200, {}, R"({"success":true,"data":{"items":[]},"additional_data":{}})"};
    unit.sent = false;
    const auto asked = *unit.reading->next();
    unit.reading->absorb(nobody);
    pace_.heed(asked, nobody, now_);
    turns_.left(unit.place, unit.reading->searches());
  }
  void end(Unit& unit) {
    const auto answer = unit.reading->finish().at(0);
    unit.reading.reset();
    turns_.left(unit.place, 0);
    if (!answer) {
      ++rounds;
      unit.next = now_ + *answer.error().retry_after;
      return;
    }
    unit.unread.clear();
    for (const auto& [email, failure] : answer->unread) {
      unit.unread.insert(email);
      unit.next = now_ + *failure.retry_after;
    }
    if (unit.unread.empty())
      ++ended;
    else
      ++rounds;
  }

  Turns turns_;
  Pace pace_{100};
  std::deque<Unit> units_;
  Turns::Moment now_{};
};

TEST(Rush, ThirtyTwoSessionsOfTenGuestsEndWithinWhatTheLimitNeedsAndPayForEachOnce) {
  Rush rush(32, 10);
  rush.run(10min);
  EXPECT_EQ(rush.ended, 32U);
  EXPECT_EQ(rush.searches, 320);
  EXPECT_LE(rush.took, 64s * 5 / 4);
  EXPECT_LE(rush.rounds, 64);
}

TEST(Rush, NorDoesASessionOfManyGuestsLastForEver) {
  Rush rush(3, 400);
  rush.run(1h);
  EXPECT_EQ(rush.ended, 3U);
  EXPECT_EQ(rush.searches, 1200);
  EXPECT_LE(rush.took, 240s * 5 / 4);
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
