#pragma once
#include <chrono>
#include <functional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

namespace aftercall::stage {

namespace asio = boost::asio;

// Time and chance as the runner sees them: an argument, so that tests advance a day in no time.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point now() const = 0;
  virtual std::chrono::system_clock::time_point wall() const = 0;
  // Calls `then` once, not before `at`, on the runner's thread. There is no taking it back.
  virtual void call_at(std::chrono::steady_clock::time_point at, std::function<void()> then) = 0;
  virtual double jitter() = 0;  // in [0, 1)
};

class RealClock : public Clock {
 public:
  explicit RealClock(asio::any_io_executor executor);
  std::chrono::steady_clock::time_point now() const override;
  std::chrono::system_clock::time_point wall() const override;
  void call_at(std::chrono::steady_clock::time_point at, std::function<void()> then) override;
  double jitter() override;

 private:
  asio::any_io_executor executor_;
};

}  // namespace aftercall::stage
