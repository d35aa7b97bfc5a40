#include "matcher/reread.hpp"

#include <gtest/gtest.h>

namespace aftercall::matcher {
namespace {

using namespace std::chrono_literals;

const Sight sight{CrmAccount("crm:1"), ConnectionId("main")};
const Instant connected = instant_of(1'800'000'000'000);
const Reread::Time start{1h};

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

TEST(Reread, ATypeIsMissedOnlyWhenTheSessionNamesOneThatIsNotThere) {
  const auto known = can(connected, {{"Demo", "demo"}});
  EXPECT_FALSE(misses_activity_type(of_type("Demo"), known));
  EXPECT_TRUE(misses_activity_type(of_type("demo"), known));
  EXPECT_FALSE(misses_activity_type(of_type(""), known));
  EXPECT_FALSE(misses_activity_type(of_type("demo"), Capabilities())) << "a CRM without activities";
}

TEST(Reread, HappensEveryFiveMinutesAtMost) {
  Reread reread;
  EXPECT_FALSE(reread.begin(sight, can(connected), connected + 4min, start)) << "it was just connected";
  EXPECT_TRUE(reread.begin(sight, can(connected), connected + 5min, start));
  EXPECT_FALSE(reread.begin(sight, can(connected), connected + 9min, start + 4min));
  EXPECT_TRUE(reread.begin(sight, can(connected), connected + 10min, start + 5min));
}

TEST(Reread, WhatWasReadStandsUntilTheAccountIsConnectedAgain) {
  Reread reread;
  const auto own = can(connected);
  EXPECT_EQ(&reread.newest(sight, own), &own);
  ASSERT_TRUE(reread.begin(sight, own, connected + 5min, start));
  EXPECT_EQ(&reread.newest(sight, own), &own) << "nothing was read yet";
  reread.keep(sight, can(connected + 5min, {{"Demo", "demo"}}));
  EXPECT_EQ(reread.newest(sight, own).activity_types.size(), 1U);
  const auto anew = can(connected + 6min);
  EXPECT_EQ(&reread.newest(sight, anew), &anew);
}

}  // namespace
}  // namespace aftercall::matcher
