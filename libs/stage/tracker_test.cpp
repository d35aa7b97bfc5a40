#include "stage/tracker.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace aftercall::stage {
namespace {

using testing::Eq;
using testing::Optional;

std::chrono::system_clock::time_point at(int seconds) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(seconds));
}

TEST(Tracker, BeforeTheFirstRecordThereIsNothingToCommit) {
  Tracker tracker;
  EXPECT_EQ(tracker.watermark(), std::nullopt);
}

TEST(Tracker, OneOpenRecordHoldsTheWatermarkHoweverManyLaterOnesAreDone) {
  Tracker tracker;
  for (int offset = 10; offset <= 510; ++offset) tracker.received(offset, 1, at(offset));
  for (int offset = 11; offset <= 510; ++offset) tracker.done(offset);
  EXPECT_THAT(tracker.watermark(), Optional(10));
  EXPECT_THAT(tracker.oldest(), Optional(at(10)));
  tracker.done(10);
  EXPECT_THAT(tracker.watermark(), Optional(511));
  EXPECT_EQ(tracker.window(), 0U);
}

TEST(Tracker, ARecordIsDoneWhenAllOfItsUnitsAre) {
  Tracker tracker;
  tracker.received(3, 2, at(0));
  tracker.done(3);
  EXPECT_THAT(tracker.watermark(), Optional(3));
  tracker.done(3);
  EXPECT_THAT(tracker.watermark(), Optional(4));
}

TEST(Tracker, DoneTwiceCountsForNoOtherRecord) {
  Tracker tracker;
  tracker.received(1, 1, at(0));
  tracker.received(2, 1, at(0));
  tracker.done(2);
  tracker.done(2);
  tracker.done(7);
  EXPECT_THAT(tracker.watermark(), Optional(1));
}

// A tracker and what is known of it, driven by chance: random holes, random numbers of units, random order of
// completion.
struct Driven {
  std::mt19937 random;
  Tracker tracker{};
  std::map<std::int64_t, std::size_t> open{};
  std::vector<std::int64_t> pending{};
  std::int64_t last = -1;

  void receive() {
    last += 1 + static_cast<std::int64_t>(random() % 4);
    const std::size_t units = random() % 4;  // none: dropped at the door of the stage
    tracker.received(last, units, at(0));
    if (units > 0) open[last] = units;
    pending.insert(pending.end(), units, last);
  }
  void finish_one() {
    std::swap(pending[random() % pending.size()], pending.back());
    const auto offset = pending.back();
    pending.pop_back();
    tracker.done(offset);
    if (--open[offset] == 0) open.erase(offset);
  }
  void step() {
    if (pending.empty() || random() % 2 == 0)
      receive();
    else
      finish_one();
  }
  std::int64_t expected() const { return open.empty() ? last + 1 : open.begin()->first; }
};

// Against the definition, by brute force.
TEST(Tracker, TheWatermarkIsTheLowestOpenOffsetInEveryOrder) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Driven driven{std::mt19937(seed)};
    for (int step = 0; step < 300; ++step) {
      driven.step();
      ASSERT_THAT(driven.tracker.watermark(), Optional(Eq(driven.expected())))
          << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace aftercall::stage
