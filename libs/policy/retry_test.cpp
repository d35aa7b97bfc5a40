#include "policy/retry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aftercall {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;
using testing::Field;
using testing::VariantWith;

const RetryPolicy policy;
constexpr double most = 0.999999;

Failure failed(Cause cause, std::optional<milliseconds> retry_after = std::nullopt) {
  return Failure{cause, "", retry_after};
}
Progress after_in_place(int tries) { return {.attempt = 9, .elapsed = 30s, .tries = tries}; }
Defer deferral(const Verdict& verdict) {
  const auto* defer = std::get_if<Defer>(&verdict);
  return defer != nullptr ? *defer : Defer{.kind = Kind::Blocked, .delay = -1ms};
}

TEST(Retry, StartsSoonAndDoublesInPlace) {
  const auto at = [](int attempt, double jitter) {
    return std::get<RetryAfter>(decide(policy, failed(Cause::Timeout), {.attempt = attempt}, jitter)).delay;
  };
  EXPECT_EQ(at(1, 0), 250ms);
  EXPECT_EQ(at(2, 0), 500ms);
  EXPECT_EQ(at(5, 0), 4s);
  EXPECT_GT(at(1, most), 490ms);
  EXPECT_LE(at(1, most), 500ms);
}

TEST(Retry, NeverBeginsAnAttemptInPlaceAfterThirtySeconds) {
  for (const double jitter : {0.0, 0.5, most})
    for (auto elapsed = 0ms; elapsed <= 40s; elapsed += 500ms)
      for (int attempt = 1; attempt < 40; ++attempt) {
        const auto verdict = decide(policy, failed(Cause::ServerError), {attempt, elapsed, 1}, jitter);
        const auto* retry = std::get_if<RetryAfter>(&verdict);
        EXPECT_TRUE(retry == nullptr || elapsed + retry->delay <= 30s) << elapsed.count();
      }
}

TEST(Retry, GivesUpAfterEightTriesOverAboutADay) {
  milliseconds waited = 0ms;
  milliseconds last = 0ms;
  for (int tries = 1; tries < 8; ++tries) {
    const auto defer = deferral(decide(policy, failed(Cause::Unreachable), after_in_place(tries), 0.5));
    ASSERT_EQ(defer.kind, Kind::Transient) << tries;
    EXPECT_TRUE(defer.counts);
    EXPECT_GT(*defer.delay, last);
    last = *defer.delay;
    waited += last;
  }
  EXPECT_GT(waited, 23h);
  EXPECT_LT(waited, 25h);
  EXPECT_EQ(deferral(decide(policy, failed(Cause::Unreachable), after_in_place(8), 0.5)).kind,
            Kind::Permanent);
}

TEST(Retry, WaitsAtLeastAsLongAsTheCrmAsksButNotUntilNextYear) {
  const auto soon = decide(policy, failed(Cause::ServerError, 10s), {.attempt = 1}, 0);
  EXPECT_EQ(std::get<RetryAfter>(soon).delay, 10s);
  const auto late = deferral(decide(policy, failed(Cause::ServerError, 2h), {.attempt = 1}, 0));
  EXPECT_EQ(late.kind, Kind::Transient);
  EXPECT_EQ(late.delay, 2h);
  EXPECT_LE(*deferral(decide(policy, failed(Cause::ServerError, 24h * 400), {}, most)).delay, 24h + 5s);
  EXPECT_GT(std::get<RetryAfter>(decide(policy, failed(Cause::ServerError, -5s), {}, 0)).delay, 0ms);
}

TEST(Retry, ARateLimitOrAMissingLeaseRestsTheLane) {
  EXPECT_THAT(decide(policy, failed(Cause::RateLimited, 20s), {}, 0),
              VariantWith<RestLane>(Field(&RestLane::delay, 20s)));
  EXPECT_THAT(decide(policy, failed(Cause::RateLimited, 300s), after_in_place(8), 0),
              VariantWith<RestLane>(Field(&RestLane::delay, 300s)));
  EXPECT_THAT(decide(policy, failed(Cause::NoLease), {}, 0),
              VariantWith<RestLane>(Field(&RestLane::delay, 250ms)));
}

TEST(Retry, WhatWasNoTryIsDeferredWithoutBeingCountedHoweverOften) {
  for (const Cause cause : {Cause::Paced, Cause::NoTenant, Cause::Unanswered}) {
    const auto defer = deferral(decide(policy, failed(cause, 40s), after_in_place(1000), 0.5));
    EXPECT_NE(defer.kind, Kind::Permanent) << name_of(cause);
    EXPECT_FALSE(defer.counts) << name_of(cause);
    EXPECT_GE(defer.delay, 40s) << name_of(cause);
  }
}

TEST(Retry, LooksNoSoonerThanThirtySecondsAfterACreateInDoubt) {
  for (const double jitter : {0.0, most}) {
    const auto defer = deferral(decide(policy, failed(Cause::Unanswered), {}, jitter));
    EXPECT_EQ(defer.kind, Kind::InDoubt);
    EXPECT_GE(defer.delay, 30s);
    EXPECT_LE(defer.delay, 45s);
  }
}

TEST(Retry, LooksAfterACreateInDoubtWhenItsOwnerSays) {
  auto failure = failed(Cause::Unanswered);
  failure.retry_after = 2min;
  EXPECT_GE(deferral(decide(policy, failure, {}, 0)).delay, 2min);
  failure.retry_after = 2s;
  EXPECT_LE(deferral(decide(policy, failure, {}, most)).delay, 3s);
}

TEST(Retry, BlocksWorkWhoseConnectionNeedsAPersonWithoutADueTime) {
  const auto defer = deferral(decide(policy, failed(Cause::NotAuthorized), after_in_place(8), 0));
  EXPECT_EQ(defer.kind, Kind::Blocked);
  EXPECT_EQ(defer.delay, std::nullopt);
}

TEST(Retry, APermanentFailureIsDeadAtOnce) {
  EXPECT_EQ(deferral(decide(policy, failed(Cause::Rejected), {}, 0)).kind, Kind::Permanent);
}

}  // namespace
}  // namespace aftercall
