#include "control/deferred/deferral.hpp"

#include <gtest/gtest.h>

#include "control/deferred/expired.hpp"

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;

Record written(std::string value) {
  Record record;
  record.at = {"event.deferred", 3, 42};
  record.time = instant_of(5'000);
  record.key = "t/src/s";
  record.value = std::move(value);
  return record;
}

TEST(Deferral, WhatCannotBeReadIsDeadAndEndsAMonthAfterItWasWritten) {
  const Record garbage = written("\xff\xff\xff");
  const auto deferral = deferral_in(garbage);
  ASSERT_TRUE(deferral);
  EXPECT_EQ(deferral->kind, Kind::Permanent);
  EXPECT_EQ(deferral->cause, "malformed");
  EXPECT_EQ(deferral->key, garbage.key);
  EXPECT_EQ(deferral->at, garbage.at);
  EXPECT_EQ(expiry_of(*deferral), instant_of(5'000) + 30 * 24h);
  EXPECT_EQ(expired(garbage, {}, instant_of(6'000)).error().cause, Cause::Malformed)
      << "no outcome stands for it";
}

TEST(Deferral, ATombstoneIsNone) {
  Record tombstone = written("");
  tombstone.value.reset();
  EXPECT_FALSE(deferral_in(tombstone));
}

}  // namespace
}  // namespace aftercall::control
