#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "bench.hpp"

namespace aftercall::stage::bench {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

std::optional<Outcome> hold(const Unit&, const Context&) { return std::nullopt; }

TEST(Crash, ExactlyWhatIsNotCommittedIsReadAgain) {
  Bench bench;
  bench.answers = [](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.session.session == SessionId("held")) return std::nullopt;
    return emits();
  };
  for (int i = 0; i < 100; ++i) bench.publish({.session = "before" + std::to_string(i)});
  bench.publish({.session = "held"});
  std::vector<std::string> later;
  for (int i = 0; i < 500; ++i) bench.publish({.session = later.emplace_back("later" + std::to_string(i))});
  auto& process = bench.start();
  bench.advance(1s);
  EXPECT_THAT(bench.emitted(), SizeIs(600)) << "all but the one that is held";
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 100)));
  bench.kill(process);
  bench.started.clear();
  bench.answers = [](const Unit&, const Context&) { return emits(); };
  bench.start();
  bench.advance(1s);
  later.insert(later.begin(), "held");
  EXPECT_THAT(bench.started, ElementsAreArray(later));
  EXPECT_THAT(bench.committed(), ElementsAre(Pair(0, 601)));
}

class CrashGuard : public testing::Test {
 protected:
  CrashGuard()
      : file_(std::filesystem::temp_directory_path() / ("stage.in_hand." + std::to_string(::getpid()))) {
    std::filesystem::remove(file_);
    bench_.settings.in_hand = file_;
    bench_.answers = hold;
  }
  ~CrashGuard() override { std::filesystem::remove(file_); }

  void start_and_crash() {
    auto& process = bench_.start();
    bench_.kill(process);
    forget_the_lock();
  }

  // A process that is gone holds no lock; ours is only never called again.
  void forget_the_lock() {
    std::filesystem::copy_file(file_, file_.string() + ".copy");
    std::filesystem::rename(file_.string() + ".copy", file_);
  }

  std::filesystem::path file_;
  Bench bench_;
};

TEST_F(CrashGuard, WhatTwoStartsFoundInHandRunsAloneBeforeAnythingElse) {
  for (const auto* session : {"x", "y"}) bench_.publish({.session = session});
  start_and_crash();
  start_and_crash();
  bench_.publish({.session = "innocent"});
  bench_.started.clear();
  bench_.start();
  EXPECT_THAT(bench_.started, ElementsAre("x"));
  bench_.answer(*bench_.find("x"), emits());
  bench_.settle();
  EXPECT_THAT(bench_.started, ElementsAre("x", "y"));
  bench_.answer(*bench_.find("y"), emits());
  bench_.settle();
  EXPECT_THAT(bench_.started, ElementsAre("x", "y", "innocent"));
}

TEST_F(CrashGuard, ASuspectFarBehindIsWaitedForBeforeAnythingElse) {
  bench_.answers = [](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.session.session == SessionId("first")) return fails(Cause::Timeout);  // open, but not in hand
    if (unit.session.session == SessionId("suspect")) return std::nullopt;
    return emits();
  };
  bench_.publish({.session = "first"});
  for (int i = 0; i < 1000; ++i) bench_.publish({.session = std::to_string(i)});
  bench_.publish({.session = "suspect"});
  start_and_crash();
  start_and_crash();
  bench_.started.clear();
  bench_.start();
  EXPECT_THAT(bench_.started, ElementsAre("suspect"));
  bench_.answer(*bench_.find("suspect"), emits());
  bench_.settle();
  EXPECT_THAT(bench_.started, SizeIs(1002));
}

TEST_F(CrashGuard, WhatCrashesTheStageAloneTwiceMoreIsDeadAndThePartitionGoesOn) {
  bench_.publish({.session = "killer"});
  for (int i = 0; i < 4; ++i) start_and_crash();
  bench_.publish({.session = "next"});
  bench_.started.clear();
  bench_.start();
  EXPECT_THAT(bench_.started, ElementsAre("next"));
  ASSERT_THAT(bench_.deferred(), SizeIs(1));
  EXPECT_EQ(bench_.deferred()[0].kind(), v1::EventDeferred::Kind::dead);
  EXPECT_EQ(bench_.deferred()[0].cause(), name_of(Cause::Crashed));
}

TEST_F(CrashGuard, WhatIsNeverRunAgainStaysKnownUntilItsDeferralIsAcked) {
  bench_.publish({.session = "killer"});
  for (int i = 0; i < 4; ++i) start_and_crash();
  bench_.started.clear();
  bench_.refuses = true;
  start_and_crash();
  auto& stopped = bench_.start();
  stopped.stage->stop();
  bench_.advance(12s);
  ASSERT_TRUE(stopped.ended);
  forget_the_lock();
  bench_.refuses = false;
  bench_.start();
  EXPECT_THAT(bench_.started, IsEmpty());
  ASSERT_THAT(bench_.deferred(), SizeIs(1));
  EXPECT_EQ(bench_.deferred()[0].cause(), name_of(Cause::Crashed));
}

TEST_F(CrashGuard, ASuspectThatDoesNotComeHoldsTheOthersBackForSecondsOnly) {
  bench_.publish({.session = "x"});
  start_and_crash();
  start_and_crash();
  std::optional<std::string> wait;
  bench_.steps.split = [](const Record&, const wire::Envelope& envelope) -> Result<std::vector<Unit>> {
    Unit unit;  // the tenant's account has another name since: the suspect is no more
    unit.account = CrmAccount("renamed");
    unit.session = {envelope.tenant, SourceId("src"), SessionId("x")};
    return std::vector{unit};
  };
  bench_.started.clear();
  bench_.start();
  bench_.advance(6s);
  EXPECT_THAT(bench_.started, ElementsAre("x"));
}

TEST_F(CrashGuard, AStepThatHangsWhileTheStageIsStoppedIsNoCrash) {
  bench_.publish({.session = "x"});
  bench_.publish({.session = "y"});
  for (int i = 0; i < 5; ++i) {
    bench_.started.clear();
    auto& process = bench_.start();
    process.stage->stop();
    bench_.advance(12s);
    ASSERT_TRUE(process.ended);
    EXPECT_THAT(bench_.started, ElementsAre("x", "y"));
    forget_the_lock();
  }
  EXPECT_THAT(bench_.deferred(), IsEmpty());
}

TEST_F(CrashGuard, AStepThatThrowsEndsTheStageAndStaysNoted) {
  bench_.publish({.session = "other"});
  bench_.publish({.session = "x"});
  bench_.answers = [](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.session.session == SessionId("x")) throw std::logic_error("a bug");
    return emits();
  };
  auto& process = bench_.start();
  bench_.advance(2s);
  EXPECT_TRUE(process.ended);
  EXPECT_EQ(process.thrown, "a bug");
  EXPECT_THAT(bench_.emitted(), ElementsAre("other"));
  EXPECT_THAT(bench_.committed(), ElementsAre(Pair(0, 1)));
  for (int i = 0; i < 3; ++i) {
    forget_the_lock();
    bench_.started.clear();
    auto& again = bench_.start();
    bench_.advance(2s);
    ASSERT_TRUE(again.ended);
    EXPECT_THAT(bench_.started, ElementsAre("x"));
  }
  forget_the_lock();
  bench_.start();
  bench_.advance(1s);
  ASSERT_THAT(bench_.deferred(), SizeIs(1));
  EXPECT_THAT(bench_.deferred()[0].detail(), HasSubstr("crashed the stage"));
  EXPECT_THAT(bench_.committed(), ElementsAre(Pair(0, 2)));
}

}  // namespace
}  // namespace aftercall::stage::bench
