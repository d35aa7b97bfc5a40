#include "matcher/reread.hpp"

#include <gtest/gtest.h>

namespace aftercall::matcher {
namespace {

using namespace std::chrono_literals;

const Sight sight{CrmAccount("crm:1"), ConnectionId("main")};
const Instant connected = instant_of(1'800'000'000'000);

Capabilities can(Instant read_at, std::vector<ActivityType> types = {}) {
  Capabilities out;
  out.activities = true;
  out.read_at = read_at;
  out.activity_types = std::move(types);
  return out;
}

Session of_type(const std::string& type) {
  Session session;
  session.conversation_type = type;
  return session;
}

TEST(Reread, IsWantedForATypeThatIsNotThereAndForOneThatWasReadSomeMinutesAgo) {
  const auto known = can(connected, {{"Demo", "demo"}});
  EXPECT_FALSE(wants_types_anew(of_type("Demo"), known, connected + 9min));
  EXPECT_TRUE(wants_types_anew(of_type("Demo"), known, connected + 10min)) << "it may be out of use by now";
  EXPECT_TRUE(wants_types_anew(of_type("demo"), known, connected));
  EXPECT_FALSE(wants_types_anew(of_type(""), known, connected + 10min));
  EXPECT_FALSE(wants_types_anew(of_type("demo"), Capabilities(), connected)) << "a CRM without activities";
}

TEST(Reread, HappensEveryFiveMinutesAtMostHoweverLongNothingChanges) {
  Reread reread;
  const auto own = can(connected, {{"Call", "call"}});
  EXPECT_FALSE(reread.begin(sight, own, connected + 4min)) << "it was just connected";
  for (auto at = connected + 5min; at < connected + 1h; at += 5min) {
    EXPECT_FALSE(reread.begin(sight, own, at - 1min));
    EXPECT_TRUE(reread.begin(sight, own, at));
    reread.keep(sight, own, own.activity_types, at);
  }
}

TEST(Reread, ThatFailedIsNotRepeatedAtOnceEither) {
  Reread reread;
  EXPECT_TRUE(reread.begin(sight, can(connected), connected + 5min));
  EXPECT_FALSE(reread.begin(sight, can(connected), connected + 9min));
  EXPECT_TRUE(reread.begin(sight, can(connected), connected + 10min));
}

TEST(Reread, GoesOnWhenTheClockIsSetBack) {
  Reread reread;
  EXPECT_TRUE(reread.begin(sight, can(connected), connected + 24h));
  EXPECT_TRUE(reread.begin(sight, can(connected), connected + 1h));
}

TEST(Reread, WhatWasReadStandsUntilTheAccountIsConnectedAgain) {
  Reread reread;
  const auto own = can(connected);
  EXPECT_EQ(&reread.newest(sight, own), &own);
  ASSERT_TRUE(reread.begin(sight, own, connected + 5min));
  EXPECT_EQ(&reread.newest(sight, own), &own) << "nothing was read yet";
  reread.keep(sight, own, {{"Demo", "demo"}}, connected + 5min);
  EXPECT_EQ(reread.newest(sight, own).activity_types.size(), 1U);
  const auto anew = can(connected + 6min);
  EXPECT_EQ(&reread.newest(sight, anew), &anew);
}

}  // namespace
}  // namespace aftercall::matcher
