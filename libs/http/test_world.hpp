#pragma once
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "http/client.hpp"

// For tests: where coroutines run, either here until one has ended, or on a thread behind the test.
namespace aftercall::http {

class World {
 public:
  asio::io_context context;

  template <class T>
  T run(asio::awaitable<T> task) {
    std::optional<T> result;
    std::exception_ptr thrown;
    asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, T value) {
      thrown = error;
      result = std::move(value);
    });
    context.restart();
    const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!result && std::chrono::steady_clock::now() < latest)
      context.run_one_for(std::chrono::milliseconds(100));
    if (thrown) std::rethrow_exception(thrown);
    if (!result) throw std::runtime_error("the task did not end");
    return std::move(*result);
  }
};

class Background {
 public:
  explicit Background(World& world)
      : world_(world),
        work_(asio::make_work_guard(world.context)),
        thread_([this] { world_.context.run(); }) {}
  ~Background() {
    work_.reset();
    thread_.join();
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

 private:
  World& world_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

template <class Condition>
bool soon(Condition condition) {
  const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < latest) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace aftercall::http
