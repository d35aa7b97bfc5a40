#include "pace.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::pipedrive {
namespace {

using namespace std::chrono_literals;

const Pace::Moment start = Pace::Moment() + 1000h;
Operation searching() {
  Operation operation;
  operation.search = true;
  return operation;
}
http::Response answered(int status, http::Headers headers = {}) {
  return {status, std::move(headers), R"({"success":false,"error":"Too many requests","errorCode":429})"};
}
http::Headers budget(int limit, int left) {
  return {{"x-daily-ratelimit-token-limit", std::to_string(limit)},
          {"x-daily-ratelimit-token-remaining", std::to_string(left)}};
}
std::chrono::milliseconds rest(Pace& pace, const http::Response& answer, Pace::Moment now = start) {
  pace.heed(Operation(), answer, now);
  return pace.rest_after(Operation(), answer, now);
}

TEST(Pace, TakesTenSearchesInTwoSecondsAndThenWaits) {
  Pace pace(100);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(pace.take(searching(), start + i * 100ms));
  const auto wait = pace.take(searching(), start + 1s);
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->time, 1s);
  EXPECT_FALSE(pace.take(Operation(), start + 1s));  // the limit is the searches' own
  EXPECT_FALSE(pace.take(searching(), start + 2s));
  EXPECT_TRUE(pace.take(searching(), start + 2s));
}

TEST(Pace, ForeseesWhenASearchMayGoOutBehindOthers) {
  Pace pace(100);
  const auto behind = [&](std::size_t others) { return pace.foresee_search(others, start + 500ms).time; };
  EXPECT_EQ(behind(9), 0s);
  EXPECT_EQ(behind(10), 2s);
  for (int i = 0; i < 7; ++i) pace.take(searching(), start);
  EXPECT_EQ(behind(2), 0s);
  EXPECT_EQ(behind(3), 1500ms);
  EXPECT_EQ(behind(103), 21'500ms);
  rest(pace, answered(429, budget(30'000, 0)));
  EXPECT_EQ(behind(0), 905s - 500ms);
  EXPECT_EQ(pace.foresee_search(0, start).why, pace.take(Operation(), start)->why);
}

TEST(Pace, StopsBeforeItIsRefused) {
  Pace pace(100);
  pace.heed(Operation(), answered(200, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "2"}}), start);
  EXPECT_EQ(pace.take(Operation(), start + 500ms)->time, 1500ms);
  EXPECT_FALSE(pace.take(Operation(), start + 2s));
}

TEST(Pace, ASearchsLimitIsNoLimitForTheRest) {
  Pace pace(100);
  pace.heed(searching(), answered(200, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "2"}}), start);
  EXPECT_TRUE(pace.take(searching(), start));
  EXPECT_FALSE(pace.take(Operation(), start));
}

TEST(Pace, AfterABurstTheRestIsSecondsAndNotAPointInTime) {
  Pace pace(100);
  EXPECT_EQ(rest(pace, answered(429, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "2"}})), 2s);
  EXPECT_TRUE(pace.take(Operation(), start + 1s));
  EXPECT_FALSE(pace.take(Operation(), start + 2s));
  Pace odd(100);
  EXPECT_EQ(rest(odd, answered(429, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1790000000"}})),
            60s);
}

TEST(Pace, DoesAsItIsToldWhereItIsTold) {
  Pace pace(100);
  EXPECT_EQ(rest(pace, answered(429, {{"Retry-After", "17"}, {"x-ratelimit-reset", "2"}})), 17s);
  EXPECT_TRUE(pace.take(Operation(), start + 16s));
}

http::Headers at(http::Headers headers, const std::string& time) {
  headers.set("Date", "Sat, 21 Nov 2026 " + time + " GMT");
  return headers;
}

TEST(Pace, AnEmptyBudgetIsLookedAtWhenAQuarterHasStruckByTheVendorsClock) {
  for (const auto& [time, rests] : {std::pair{"23:59:50", 15s}, {"00:00:00", 905s}, {"09:20:30", 575s}}) {
    Pace pace(100);
    auto headers = at(budget(30'000, 0), time);
    headers.add("x-ratelimit-reset", "2");
    EXPECT_EQ(rest(pace, answered(429, headers)), rests) << time;
    EXPECT_TRUE(pace.take(Operation(), start + rests - 1ms));
    EXPECT_FALSE(pace.take(Operation(), start + rests));
  }
  Pace pace(100);
  EXPECT_EQ(rest(pace, answered(429, budget(30'000, 0))), 905s) << "without a Date";
}

TEST(Pace, AtMostOneRequestLooksWhetherTheBudgetIsBack) {
  Pace pace(100);
  const auto empty = answered(429, at(budget(30'000, 0), "08:59:50"));
  rest(pace, empty);
  const auto look = start + 15s;
  EXPECT_FALSE(pace.take(Operation(), look));
  EXPECT_EQ(pace.take(Operation(), look)->time, 2s);
  EXPECT_EQ(rest(pace, answered(429, at(budget(30'000, 0), "09:00:05")), look), 900s);
  EXPECT_EQ(pace.take(Operation(), look + 2s)->time, 898s) << "who waited beside it goes no more";
}

TEST(Pace, WhateverTheRestWasAboutTheFirstAfterItIsAlone) {
  const http::Response page{403, {{"Content-Type", "text/html"}}, "<html>Cloudflare</html>"};
  for (const auto& answer : {answered(200, budget(30'000, 6'000)), answered(429, budget(30'000, 0)), page}) {
    Pace pace(80);
    pace.heed(searching(), answer, start);
    EXPECT_FALSE(pace.take(Operation(), start + 2h));
    EXPECT_TRUE(pace.take(Operation(), start + 2h)) << answer.status;
  }
}

// How many may go out in the window that begins now, each of them answered at once.
int in_a_window(Pace& pace, Pace::Moment now, const http::Response& answer) {
  int sent = 0;
  while (!pace.take(Operation(), now)) ++sent;
  for (int i = 0; i < sent; ++i) pace.heed(Operation(), answer, now);
  return sent;
}

TEST(Pace, AfterARestTheFirstIsAloneAndTheOthersComeLittleByLittle) {
  Pace pace(100);
  const auto fine = answered(200, {{"x-ratelimit-limit", "20"}, {"x-ratelimit-remaining", "19"}});
  pace.heed(Operation(), fine, start);
  rest(pace, answered(429));
  std::vector<int> windows;
  for (auto now = start + 2s; windows.size() < 7; now += 2s) windows.push_back(in_a_window(pace, now, fine));
  EXPECT_THAT(windows, testing::ElementsAre(1, 2, 4, 8, 16, 20, 20));
}

TEST(Pace, SendsNoMoreInAWindowThanIsToldToBeAllowed) {
  Pace pace(100);
  pace.heed(Operation(), answered(200, {{"x-ratelimit-limit", "3"}}), start);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(pace.take(Operation(), start + i * 100ms));
  EXPECT_EQ(pace.take(Operation(), start + 1s)->time, 1s);
  EXPECT_FALSE(pace.take(Operation(), start + 2s));
  EXPECT_TRUE(pace.take(Operation(), start + 2s));
}

TEST(Pace, LeavesTheOthersOfItsTokenWhatTheyTook) {
  Pace pace(100);
  const auto after_three = answered(200, {{"x-ratelimit-limit", "20"}, {"x-ratelimit-remaining", "4"}});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(pace.take(Operation(), start));
  pace.heed(Operation(), after_three, start + 100ms);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(pace.take(Operation(), start + 100ms));
  EXPECT_TRUE(pace.take(Operation(), start + 100ms));
  pace.heed(Operation(), answered(200, {{"x-ratelimit-limit", "20"}, {"x-ratelimit-remaining", "19"}}),
            start + 3s);
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(pace.take(Operation(), start + 3s)) << "they need less by now";
}

TEST(Pace, ALimitWithoutSenseLimitsNothing) {
  for (const auto* limit : {"0", "-1", "many", "99999999999999999999"}) {
    Pace pace(100);
    pace.heed(Operation(), answered(200, {{"x-ratelimit-limit", limit}}), start);
    for (int i = 0; i < 500; ++i) EXPECT_FALSE(pace.take(Operation(), start)) << limit;
  }
}

TEST(Pace, ASearchsAnswerMayTellTheLimitOfAllAndThatIsNotTheSearchs) {
  Pace pace(100);
  pace.heed(searching(), answered(200, {{"x-ratelimit-limit", "80"}}), start);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(pace.take(searching(), start));
  EXPECT_TRUE(pace.take(searching(), start));
}

TEST(Pace, AThirdRefusalInARowIsNoBurst) {
  Pace pace(100);
  EXPECT_EQ(rest(pace, answered(429), start), 2s);
  EXPECT_EQ(rest(pace, answered(429), start + 2s), 4s);
  EXPECT_EQ(rest(pace, answered(429), start + 6s), 905s);
  Pace answered_between(100);
  for (int i = 0; i < 6; ++i) {
    EXPECT_LE(rest(answered_between, answered(429), start + i * 10s), 2s);
    answered_between.heed(Operation(), answered(200), start + i * 10s);
  }
}

// The search's window is not full, the token's is: of another service's requests.
TEST(Pace, ABurstIsNoEmptyDayHoweverOftenWhereTheAnswerTellsThatTheDayBearsIt) {
  Pace pace(100);
  auto headers = budget(30'000, 20'000);
  headers.add("x-ratelimit-remaining", "3");
  headers.add("x-ratelimit-reset", "2");
  auto search = searching();
  search.tokens = 20;
  auto now = start;
  for (int i = 0; i < 40; ++i) {
    const auto answer = answered(429, i % 2 == 0 ? headers : budget(30'000, 20));
    pace.heed(search, answer, now);
    const auto rest = pace.rest_after(search, answer, now);
    EXPECT_LE(rest, 1min) << i;
    now += rest;
  }
}

TEST(Pace, ADayThatDoesNotBearTheRequestIsOver) {
  Pace pace(100);
  auto search = searching();
  search.tokens = 20;
  const auto answer = answered(429, budget(30'000, 19));
  auto now = start;
  std::chrono::milliseconds rest{};
  for (int i = 0; i < 3; ++i, now += rest) {
    pace.heed(search, answer, now);
    rest = pace.rest_after(search, answer, now);
  }
  EXPECT_GE(rest, 1min);
}

TEST(Pace, WhatIsRefusedTogetherIsOneRefusal) {
  Pace pace(100);
  for (int i = 0; i < 6; ++i) EXPECT_LE(rest(pace, answered(429), start + i * 1ms), 2s);
  EXPECT_FALSE(pace.take(Operation(), start + 3s));
  EXPECT_EQ(rest(pace, answered(429), start + 3s), 4s);
}

TEST(Pace, ARefusalBesideASuccessStillWaits) {
  Pace pace(100);
  pace.heed(Operation(), answered(429), start);
  pace.heed(Operation(), answered(200), start + 1ms);
  EXPECT_EQ(rest(pace, answered(429), start + 2ms), 2s);
}

TEST(Pace, LeavesTheOthersTheirShareOfTheDay) {
  Pace pace(80);
  pace.heed(Operation(), answered(200, budget(30'000, 6'001)), start);
  EXPECT_FALSE(pace.take(Operation(), start));
  pace.heed(Operation(), answered(200, budget(30'000, 6'000)), start);
  const auto wait = pace.take(Operation(), start);
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->time, 3605s) << "a look takes from the others, so that it is rare";
  EXPECT_THAT(std::string(wait->why), testing::HasSubstr("share"));
  EXPECT_TRUE(pace.take(searching(), start));
}

TEST(Pace, ABudgetThatIsNotToldIsNotGuessed) {
  Pace pace(80);
  for (const auto& headers :
       {http::Headers{}, http::Headers{{"x-daily-ratelimit-token-remaining", "1"}},
        http::Headers{{"x-daily-ratelimit-token-limit", "30000"}}, budget(0, 0), budget(-1, -1),
        http::Headers{{"x-daily-ratelimit-token-limit", "99999999999999999999"},
                      {"x-daily-ratelimit-token-remaining", "x"}}}) {
    pace.heed(Operation(), answered(200, headers), start);
    EXPECT_FALSE(pace.take(Operation(), start));
  }
}

TEST(Pace, WhoIsShutOutStaysAwayForMinutes) {
  Pace pace(100);
  const http::Response page{
      403, {{"Content-Type", "text/html"}}, "<html>This error is produced by Cloudflare</html>"};
  EXPECT_EQ(rest(pace, page), 10min);
  EXPECT_TRUE(pace.take(Operation(), start + 9min));
  EXPECT_FALSE(pace.take(Operation(), start + 10min));
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
