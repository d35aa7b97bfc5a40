#include "domain/failure.hpp"

#include <gtest/gtest.h>

#include <set>

namespace aftercall {
namespace {

TEST(Failure, EveryCauseHasANameOfItsOwnThatLeadsBackToIt) {
  std::set<std::string_view> seen;
  for (int i = 0; i <= static_cast<int>(Cause::NeedsNewerStage); ++i) {
    const auto cause = static_cast<Cause>(i);
    const auto name = name_of(cause);
    EXPECT_FALSE(name.empty()) << i;
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_EQ(cause_named(name), cause);
  }
}

TEST(Failure, AnUnansweredCreateIsInDoubtAndAMissingRightIsBlocked) {
  EXPECT_EQ(kind_of(Cause::Unanswered), Kind::InDoubt);
  EXPECT_EQ(kind_of(Cause::NotPermitted), Kind::Blocked);
  EXPECT_EQ(kind_of(Cause::RateLimited), Kind::Transient);
  EXPECT_EQ(kind_of(Cause::TooLong), Kind::Permanent);
}

}  // namespace
}  // namespace aftercall
