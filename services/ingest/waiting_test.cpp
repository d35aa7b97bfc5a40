#include "ingest/waiting.hpp"

#include <gtest/gtest.h>

namespace aftercall::ingest {
namespace {

using Verdict = Waiting::Verdict;
const TenantId acme("acme");
const TenantId other("other");

TEST(Waiting, OneTenantLeavesRoomForTheOthers) {
  Waiting waiting({.requests = 4, .bytes = 1000});
  EXPECT_EQ(waiting.admit(acme, 1), Verdict::Admitted);
  EXPECT_EQ(waiting.admit(acme, 1), Verdict::Admitted);
  EXPECT_EQ(waiting.admit(acme, 1), Verdict::TenantFull);
  EXPECT_EQ(waiting.admit(other, 1), Verdict::Admitted);
  EXPECT_EQ(waiting.requests(), 3U);
}

TEST(Waiting, IsFullByNumberAndByBytes) {
  Waiting few({.requests = 1, .bytes = 1000});
  EXPECT_EQ(few.admit(acme, 1), Verdict::Admitted);
  EXPECT_EQ(few.admit(other, 1), Verdict::Full);
  Waiting small({.requests = 100, .bytes = 1000});
  EXPECT_EQ(small.admit(acme, 600), Verdict::Admitted);
  EXPECT_EQ(small.admit(acme, 1), Verdict::TenantFull);
  EXPECT_EQ(small.admit(other, 400), Verdict::Admitted);
  EXPECT_TRUE(small.full());
}

TEST(Waiting, WhatEndedMakesRoom) {
  Waiting waiting({.requests = 2, .bytes = 1000});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(waiting.admit(acme, 900), Verdict::Admitted);
    EXPECT_EQ(waiting.admit(acme, 1), Verdict::TenantFull);
    waiting.release(acme, 900);
  }
  EXPECT_EQ(waiting.requests(), 0U);
  EXPECT_FALSE(waiting.full());
}

}  // namespace
}  // namespace aftercall::ingest
