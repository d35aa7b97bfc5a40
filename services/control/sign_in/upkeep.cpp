#include "control/sign_in/upkeep.hpp"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/sign_in/probed.hpp"

namespace aftercall::control {
namespace {

constexpr std::chrono::milliseconds tick{1'000};  // how late what begins to be blocked may be looked at

}  // namespace

Upkeep::Upkeep(Parts parts)
    : parts_(std::move(parts)),
      again_(parts_.executor),
      probes_(parts_.tasks, "probe",
              [this](tenancy::ConnectionPtr each) { return parts_.connecting.probe(std::move(each)); }) {}

asio::awaitable<void> Upkeep::run() {
  ProbeTimes times(parts_.every);
  auto next_round = std::chrono::steady_clock::now() + parts_.every;
  while (!stopping_) {
    const auto now = std::chrono::steady_clock::now();
    std::set<Blocked> blocked;
    if (parts_.ownership.owns()) blocked = blocked_();
    for (const auto& account : times.take(blocked, now)) probes_.begin(serving(parts_.directory, account));
    if (parts_.ownership.owns() && now >= next_round) {
      next_round = now + parts_.every;
      probes_.begin(to_be_mended(parts_.directory));
    }
    boost::system::error_code woken;
    again_.expires_after(std::min(tick, parts_.every));
    co_await again_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

void Upkeep::stop() {
  stopping_ = true;
  probes_.stop();
  again_.cancel();
}

}  // namespace aftercall::control
