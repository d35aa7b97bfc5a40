#include "line.hpp"

#include <gtest/gtest.h>

#include <deque>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace aftercall::crm::pipedrive {
namespace {

using namespace std::chrono_literals;

class InLine : public testing::Test {
 protected:
  struct Look {
    std::optional<Line::Seat> seat;
    std::optional<std::optional<Failure>> turn;
  };
  Look& come(std::chrono::milliseconds within = 30s) {
    auto& look = looks_.emplace_back();
    look.seat.emplace(line_.come(std::chrono::steady_clock::now() + within, 2));
    asio::co_spawn(io_, line_.turn(look.seat->place()),
                   [&look](const std::exception_ptr& thrown, std::optional<Failure> late) {
                     if (thrown) std::rethrow_exception(thrown);
                     look.turn = std::move(late);
                   });
    settle();
    return look;
  }
  void settle() {
    io_.restart();
    while (io_.poll() > 0) {
    }
  }
  void TearDown() override {
    for (auto& look : looks_) look.seat.reset();
    settle();
  }

  asio::io_context io_;
  Pace pace_{100};
  Line line_{pace_};
  std::deque<Look> looks_;
};

TEST_F(InLine, WhoGivesUpItsSeatCallsTheNext) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(come().turn);
  auto& fifth = come();
  EXPECT_FALSE(fifth.turn);
  looks_[0].seat->left(1);
  settle();
  EXPECT_FALSE(fifth.turn);
  looks_[0].seat.reset();
  settle();
  ASSERT_TRUE(fifth.turn);
  EXPECT_FALSE(*fifth.turn);
}

TEST_F(InLine, WhoWaitedInVainGoesBeforeItsTimeIsUp) {
  for (int i = 0; i < 4; ++i) come();
  auto& late = come(1'050ms);  // a second of it is for the answer
  EXPECT_FALSE(late.turn);
  io_.restart();
  while (!late.turn && io_.run_one_for(10s) > 0) {
  }
  ASSERT_TRUE(late.turn && *late.turn);
  EXPECT_EQ((*late.turn)->cause, Cause::RateLimited);
  EXPECT_LT(std::chrono::steady_clock::now(), late.seat->place().deadline);
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
