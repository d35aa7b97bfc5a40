#pragma once
#include <atomic>
#include <chrono>

#include "stage/clock.hpp"

namespace aftercall::control {

// A clock whose days pass when the test says so.
class LaterClock final : public stage::RealClock {
 public:
  using RealClock::RealClock;
  void pass(std::chrono::hours time) { passed_ = passed_.load() + time; }
  std::chrono::system_clock::time_point wall() const override { return RealClock::wall() + passed_.load(); }

 private:
  std::atomic<std::chrono::hours> passed_{std::chrono::hours(0)};
};

}  // namespace aftercall::control
