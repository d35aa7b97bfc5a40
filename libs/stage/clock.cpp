#include "stage/clock.hpp"

#include <memory>
#include <random>

#include <boost/asio/steady_timer.hpp>

namespace aftercall::stage {

RealClock::RealClock(asio::any_io_executor executor) : executor_(std::move(executor)) {}

std::chrono::steady_clock::time_point RealClock::now() const { return std::chrono::steady_clock::now(); }

std::chrono::system_clock::time_point RealClock::wall() const { return std::chrono::system_clock::now(); }

void RealClock::call_at(std::chrono::steady_clock::time_point at, std::function<void()> then) {
  auto timer = std::make_shared<asio::steady_timer>(executor_, at);
  auto& armed = *timer;
  armed.async_wait([timer = std::move(timer), then = std::move(then)](boost::system::error_code) { then(); });
}

double RealClock::jitter() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(random);
}

}  // namespace aftercall::stage
