// Which partitions of event.deferred this instance releases.
#include "control/deferred/releaser.hpp"
#include "telemetry/log.hpp"

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;

constexpr auto look = 250ms;
constexpr auto aiming = 5s;
constexpr auto draining = 5s;
constexpr auto draining_look = 10ms;

}  // namespace

asio::awaitable<void> Releaser::keep_membership() {
  while (!over()) {
    if (auto change = group_->change()) {
      co_await answer(std::move(*change));
      continue;
    }
    if (!assigned_.empty() && !owned_ && !aimed_) {
      const auto deadline = bus::within(aiming);
      const Result<void> aimed = co_await reader_->aim(deadline);
      if (!aimed) log::warn("releaser.not_aimed", {{"why", aimed.error().detail}});
      aimed_ = aimed.has_value() && !group_->change();
      alarm_->bell.notify();
      if (aimed) continue;
    }
    const auto deadline = bus::within(look);
    co_await group_->activity(deadline);
  }
}

asio::awaitable<void> Releaser::answer(bus::Change change) {
  disown();
  assigned_.clear();
  if (const auto* const assigned = std::get_if<bus::Assigned>(&change))
    assigned_ = {assigned->partitions.begin(), assigned->partitions.end()};
  const bool revoked = std::holds_alternative<bus::Revoked>(change);
  if (revoked) co_await drain();
  group_->accept();
}

void Releaser::disown() {
  owned_.reset();
  aimed_ = false;
  deferrals_->own({});
}

// Whoever had these partitions before may have released something just now: its tombstone is read first.
void Releaser::own_if_read() {
  if (owned_ || !aimed_ || stopping_ || !reader_->caught_up()) return;
  owned_ = assigned_;
  deferrals_->own(assigned_);
  log::info("releaser.owns", {{"partitions", assigned_.size()}, {"waiting", deferrals_->size()}});
}

// What is on its way is finished, or its partition's next owner does it again, which is harmless.
asio::awaitable<void> Releaser::drain() {
  const auto deadline = bus::within(draining);
  while (in_hand_ > 0 && std::chrono::steady_clock::now() < deadline) co_await pause(draining_look);
}

}  // namespace aftercall::control
