#include "stage/in_hand.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace aftercall::stage {
namespace {

using testing::ElementsAre;
using Trust = InHand::Trust;

class InHandTest : public testing::Test {
 protected:
  InHandTest() : folder_(std::filesystem::temp_directory_path() / ("in_hand." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~InHandTest() override { std::filesystem::remove_all(folder_); }

  InHand start() {
    auto opened = InHand::open(folder_ / "file");
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
  }
  // A process that starts, takes the unit as it may, and is gone.
  Trust crash_with(const Handle& handle) {
    InHand guard = start();
    const auto trust = guard.trust(handle);
    guard.take(handle, trust == Trust::Alone);
    return trust;
  }

  std::filesystem::path folder_;
  const Handle bad_{3, 77, "dynamics365:o1"};
  const Handle good_{3, 78, "dynamics365:o1"};
};

TEST_F(InHandTest, AUnitThatCrashesTheStageRunsAloneAfterTwoStartsAndNeverAgainAfterTwoMore) {
  EXPECT_EQ(crash_with(bad_), Trust::Full);
  EXPECT_EQ(crash_with(bad_), Trust::Full);
  EXPECT_EQ(crash_with(bad_), Trust::Alone);
  EXPECT_EQ(crash_with(bad_), Trust::Alone);
  EXPECT_EQ(start().trust(bad_), Trust::None);
}

TEST_F(InHandTest, AnInnocentUnitLosesItsMarkWhenItCompletes) {
  for (int i = 0; i < 2; ++i) {
    InHand guard = start();
    guard.take(bad_, false);
    guard.take(good_, false);
  }
  InHand guard = start();
  EXPECT_THAT(guard.suspects(3), ElementsAre(bad_, good_));
  guard.take(good_, true);
  guard.done(good_);
  EXPECT_THAT(guard.suspects(3), ElementsAre(bad_));
  EXPECT_EQ(guard.trust(good_), Trust::Full);
}

TEST_F(InHandTest, AMarkThatIsNotInHandIsNotCountedAgain) {
  crash_with(bad_);
  for (int i = 0; i < 5; ++i) start();
  EXPECT_EQ(start().trust(bad_), Trust::Full);
  crash_with(bad_);
  EXPECT_EQ(start().trust(bad_), Trust::Alone);
}

TEST_F(InHandTest, WhatTheGroupHasCommittedWasCompletedElsewhere) {
  crash_with(bad_);
  crash_with(bad_);
  InHand guard = start();
  guard.passed(3, 77);
  EXPECT_EQ(guard.trust(bad_), Trust::Alone);
  guard.passed(3, 78);
  EXPECT_EQ(guard.trust(bad_), Trust::Full);
}

TEST_F(InHandTest, TwoProcessesCannotShareAFile) {
  const InHand first = start();
  const auto second = InHand::open(folder_ / "file");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().detail, testing::HasSubstr("another process"));
}

TEST_F(InHandTest, ADamagedFileIsReadAsFarAsItMeansAnything) {
  crash_with(bad_);
  std::fstream file(folder_ / "file", std::ios::in | std::ios::out);
  file.seekp(256);
  file << "nonsense\nh x y\n" << std::string(3000, '\xff') << '\n';
  file.close();
  crash_with(bad_);
  EXPECT_EQ(start().trust(bad_), Trust::Alone);
}

TEST_F(InHandTest, MoreThanItHasRoomForIsNotGuardedAndDoesNoHarm) {
  {
    InHand guard = start();
    for (int i = 0; i < 10'000; ++i) guard.take({0, i, "a"}, false);
    for (int i = 0; i < 9'999; ++i) guard.done({0, i, "a"});
    for (int i = 0; i < 10'000; ++i) {
      guard.take({1, i, "a"}, false);
      guard.done({1, i, "a"});
    }
    guard.take(bad_, false);
  }
  crash_with(bad_);
  EXPECT_EQ(start().trust(bad_), Trust::Alone) << "the slots are used again";
}

}  // namespace
}  // namespace aftercall::stage
