#include "process/tasks.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::process {
namespace {

using testing::ElementsAre;

asio::awaitable<void> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}
asio::awaitable<void> broken() {
  throw std::runtime_error("it broke");
  co_return;
}
// What all() came to, seen through another group.
asio::awaitable<void> wait_for(Tasks* tasks, std::string* seen) {
  try {
    co_await tasks->all();
    *seen = "ended";
  } catch (const std::exception& error) {
    *seen = error.what();
  }
}

struct TasksTest : testing::Test {
  asio::io_context context;
  Tasks tasks{context.get_executor()}, outer{context.get_executor()};
  std::string seen;
};

TEST_F(TasksTest, AreAwaitedToTheLast) {
  tasks.spawn("a", pause(std::chrono::milliseconds(1)));
  tasks.spawn("b", pause(std::chrono::milliseconds(20)));
  EXPECT_THAT(tasks.names(), ElementsAre("a", "b"));
  outer.spawn("waiting", wait_for(&tasks, &seen));
  while (tasks.size() == 2) context.run_one();
  EXPECT_THAT(tasks.names(), ElementsAre("b"));
  EXPECT_EQ(seen, "");
  context.run();
  EXPECT_EQ(seen, "ended");
  EXPECT_EQ(outer.size(), 0U);
}

TEST_F(TasksTest, WhatOneThrewIsThrownOnceAllHaveEnded) {
  tasks.spawn("a", broken());
  tasks.spawn("b", pause(std::chrono::milliseconds(20)));
  outer.spawn("waiting", wait_for(&tasks, &seen));
  while (tasks.size() == 2) context.run_one();
  EXPECT_EQ(seen, "");
  context.run();
  EXPECT_EQ(seen, "it broke");
}

TEST_F(TasksTest, AWatcherHearsOfEachEndInstead) {
  std::vector<std::string> heard;
  tasks.on_end([&](const std::string& name, const std::exception_ptr& thrown) {
    heard.push_back(name + (thrown ? " threw" : ""));
  });
  tasks.spawn("a", broken());
  tasks.spawn("b", pause(std::chrono::milliseconds(1)));
  outer.spawn("waiting", wait_for(&tasks, &seen));
  context.run();
  EXPECT_THAT(heard, ElementsAre("a threw", "b"));
  EXPECT_EQ(seen, "ended");
}

}  // namespace
}  // namespace aftercall::process
