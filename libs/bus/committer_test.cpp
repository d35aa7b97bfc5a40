#include "bus/committer.hpp"

#include <gmock/gmock.h>

namespace aftercall::bus {
namespace {

using testing::Eq;
using testing::Optional;
using namespace std::chrono_literals;

const Deadline start{};

TEST(Committer, SendsManyWishesInOneRequestAndTheHighestOffsetOfEach) {
  Committer committer;
  committer.want({{0, 5}, {1, 2}});
  committer.want({{0, 7}});
  committer.want({{0, 6}});
  EXPECT_THAT(committer.next(start), Optional(Eq(Offsets{{0, 7}, {1, 2}})));
}

TEST(Committer, HasOneRequestOnItsWayAndWaitsBetweenTwo) {
  Committer committer;
  committer.want({{0, 1}});
  ASSERT_TRUE(committer.next(start));
  committer.want({{0, 2}});
  EXPECT_FALSE(committer.next(start + 1h)) << "the first was not answered";
  committer.answered({{0, 1}}, true, false);
  EXPECT_FALSE(committer.next(start + 99ms));
  EXPECT_THAT(committer.next(start + 100ms), Optional(Eq(Offsets{{0, 2}})));
}

TEST(Committer, SendsAgainWhatFailedAndMayPass) {
  Committer committer;
  committer.want({{0, 1}});
  ASSERT_TRUE(committer.next(start));
  committer.answered({{0, 1}}, false, true);
  EXPECT_THAT(committer.next(start + 1s), Optional(Eq(Offsets{{0, 1}})));
}

TEST(Committer, DropsWhatTheGroupRefused) {
  Committer committer;
  committer.want({{0, 1}});
  ASSERT_TRUE(committer.next(start));
  committer.answered({{0, 1}}, false, false);
  EXPECT_FALSE(committer.next(start + 1s));
}

TEST(Committer, NeverGoesBack) {
  Committer committer;
  committer.accepted({{0, 9}});
  committer.want({{0, 3}, {0, 9}});
  EXPECT_FALSE(committer.next(start));
  EXPECT_THAT(committer.committed(), Eq(Offsets{{0, 9}}));
}

TEST(Committer, AnAnswerToAnEarlierAssignmentSaysNothingOfThisOne) {
  Committer committer;
  committer.want({{0, 9}});
  ASSERT_TRUE(committer.next(start));
  committer.forget();
  committer.want({{0, 4}});
  EXPECT_FALSE(committer.next(start + 1s)) << "one request on its way at most";
  committer.answered({{0, 9}}, false, false);
  EXPECT_THAT(committer.next(start + 1s), Optional(Eq(Offsets{{0, 4}})));
  committer.answered({{0, 4}}, false, false);
  EXPECT_FALSE(committer.next(start + 2s)) << "this one was of this assignment";
}

TEST(Committer, ForgetsPartitionsThatAreGone) {
  Committer committer;
  committer.accepted({{0, 9}});
  committer.want({{0, 12}});
  committer.forget();
  EXPECT_FALSE(committer.next(start));
  committer.want({{0, 4}});
  EXPECT_THAT(committer.next(start), Optional(Eq(Offsets{{0, 4}}))) << "it came back, further behind";
}

}  // namespace
}  // namespace aftercall::bus
