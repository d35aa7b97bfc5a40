#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "bus/bus.hpp"

namespace aftercall::bus {

// A bus under test, and what a test may do to it.
class World {
 public:
  virtual ~World() = default;

  virtual Bus& bus() = 0;
  virtual std::string topic(int partitions) = 0;  // a new one
  std::string group() const { return topic_name_ + ".group"; }

  // A member that expel() can throw out of its group: it goes on believing that it belongs to it until turn()
  // lets it hear, after `until` holds.
  virtual std::unique_ptr<Consumer> outsider(ConsumerSettings settings) = 0;
  virtual void expel(Consumer& outsider, std::function<bool()> until) = 0;

  virtual void down(bool is_down) = 0;
  virtual void turn() = 0;  // runs what is ready, waits a moment at most

  // Turns until it holds; false when it does not within the time.
  bool until(const std::function<bool()>& holds, std::chrono::milliseconds time = std::chrono::seconds(30));

  template <class T>
  T run(asio::awaitable<T> task) {
    std::optional<T> result;
    asio::co_spawn(io_, std::move(task), [&result](const std::exception_ptr& thrown, T value) {
      if (thrown) std::rethrow_exception(thrown);
      result = std::move(value);
    });
    while (!result) turn();
    return std::move(*result);
  }
  void run(asio::awaitable<void> task);
  void start(asio::awaitable<void> task);  // goes on while others are run

 protected:
  asio::io_context io_;
  // Without work it would stop, and stay so.
  asio::executor_work_guard<asio::io_context::executor_type> working_ = asio::make_work_guard(io_);
  std::string topic_name_;
};

struct WorldOf {
  const char* name;
  std::unique_ptr<World> (*make)();
};

std::unique_ptr<World> memory_world();
std::unique_ptr<World> kafka_world();      // on the shared broker
std::unique_ptr<World> own_kafka_world();  // on one that may be taken down

}  // namespace aftercall::bus
