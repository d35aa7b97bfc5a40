#include "control/deferred/credit.hpp"

#include <gtest/gtest.h>

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;
const Instant start = instant_of(1'000'000);

Deferral of(const std::string& session, const std::string& account = "a", int attempt = 1) {
  Deferral deferral;
  deferral.session = session;
  deferral.tenant = TenantId("t");
  deferral.unit = CrmAccount(account);
  deferral.attempt = attempt;
  return deferral;
}

Credit two() { return Credit({.units = 2}); }

TEST(Credit, AnAccountHasSoManyOnTheirWayAndOneMoreWhenOneHasEnded) {
  Credit credit = two();
  const auto turn = of("x").turn();
  credit.take(of("x"), start);
  EXPECT_TRUE(credit.left(turn, start));
  credit.take(of("y"), start);
  EXPECT_FALSE(credit.left(turn, start));
  EXPECT_TRUE(credit.left(of("x", "b").turn(), start)) << "another's is its own";
  EXPECT_TRUE(credit.ended({"x", CrmAccount("a"), 2}));
  EXPECT_TRUE(credit.left(turn, start));
}

TEST(Credit, OnlyTheEndOfTheCopyCounts) {
  Credit credit = two();
  credit.take(of("x"), start);
  EXPECT_FALSE(credit.ended({"x", CrmAccount("a"), 1})) << "that was the one before";
  EXPECT_FALSE(credit.ended({"y", CrmAccount("a"), 2}));
  EXPECT_FALSE(credit.ended({"x", CrmAccount("b"), 2}));
  EXPECT_TRUE(credit.ended({"x", CrmAccount("a"), 2}));
  EXPECT_FALSE(credit.ended({"x", CrmAccount("a"), 2})) << "once";
}

TEST(Credit, AnEventReleasedAsAWholeEndsWithTheFirstOfItsUnits) {
  Credit credit = two();
  credit.take(of("x", ""), start);
  EXPECT_TRUE(credit.ended({"x", CrmAccount("a"), 2}));
  EXPECT_FALSE(credit.ended({"x", CrmAccount("b"), 2}));
}

TEST(Credit, WhatIsNeverHeardOfAgainDoesNotCountForEver) {
  Credit credit = two();
  const auto turn = of("x").turn();
  credit.take(of("x"), start);
  credit.take(of("y"), start + 1min);
  credit.expire(start + 5min);
  EXPECT_TRUE(credit.left(turn, start + 5min));
  credit.take(of("z"), start + 5min);
  EXPECT_FALSE(credit.left(turn, start + 5min));
}

TEST(Credit, AnAccountThatRestsGetsNothingUntilItHasRested) {
  Credit credit = two();
  const auto turn = of("x").turn();
  credit.rest(turn, start + 60s);
  credit.rest(turn, start + 30s);
  EXPECT_FALSE(credit.left(turn, start + 59s));
  EXPECT_TRUE(credit.left(turn, start + 60s));
}

TEST(Credit, WhatWasNotReleasedAfterAllIsGivenBack) {
  Credit credit({.units = 1});
  credit.take(of("x"), start);
  credit.give_back(of("x"));
  EXPECT_TRUE(credit.left(of("x").turn(), start));
}

}  // namespace
}  // namespace aftercall::control
