#include "control/configuration/ownership.hpp"

#include <variant>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/configuration/records.hpp"
#include "telemetry/log.hpp"

namespace aftercall::control {
namespace {

constexpr std::chrono::milliseconds look{250};  // how long a stop may go unnoticed
constexpr std::chrono::milliseconds settling{
    5'000};  // for what is being written when the partition is taken away
constexpr std::chrono::milliseconds claiming{30'000};
constexpr std::chrono::milliseconds between_looks{10};
constexpr int claims_at_most = 5;

}  // namespace

std::string Ownership::owner_elsewhere() const {
  const std::string& owner = parts_.directory.owner();
  return owns_ || being_settled() || owner == address_ ? "" : owner;
}

Failure Ownership::elsewhere() const {
  const std::string owner = owner_elsewhere();
  if (owner.empty())
    return {Cause::Unreachable, "no instance of control owns the configuration right now; try again",
            std::chrono::milliseconds(1'000)};
  return {Cause::Unreachable,
          "this instance of control does not own the configuration; ask the one at " + owner};
}

// The group has not said yet who gets the partition (it waits for members that died), or this instance got it
// and is not done with claiming it.
bool Ownership::being_settled() const {
  const std::string& owner = parts_.directory.owner();
  return !stopping_ && !owns_ && (!joined_ || assigned_ || owner.empty() || owner == address_);
}

asio::awaitable<Result<void>> Ownership::settled(bus::Deadline deadline) {
  while (being_settled() && bus::Deadline::clock::now() < deadline) {
    asio::steady_timer timer(parts_.executor, between_looks);
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (owns_) co_return Result<void>();
  co_return tl::unexpected(elsewhere());
}

asio::awaitable<Result<void>> Ownership::confirm(bus::Deadline deadline) {
  if (!owns_) co_return tl::unexpected(elsewhere());
  // A group commits for its present members only: the cheapest question that a member who was thrown out
  // unnoticed gets a "no" to.
  bus::Offsets place;
  place.emplace(0, parts_.directory.version());
  const Result<void> committed = co_await parts_.group.commit_now(std::move(place), deadline);
  if (committed && owns_) co_return Result<void>();
  if (committed) co_return tl::unexpected(elsewhere());
  log::warn("ownership.not_confirmed", {{"why", committed.error().detail}});
  co_return fail(Cause::Unreachable,
                 "the group did not confirm that this instance owns the configuration; try again");
}

asio::awaitable<Result<void>> Ownership::catch_up(bus::Deadline deadline) {
  const Result<void> config = co_await parts_.config.catch_up(deadline);
  if (!config) co_return config;
  const Result<void> secrets = co_await parts_.secrets.catch_up(deadline);
  co_return secrets;
}

asio::awaitable<Result<void>> Ownership::claim() {
  const auto deadline = bus::within(claiming);
  Result<void> done = co_await catch_up(deadline);
  for (int i = 0; done && i < claims_at_most; ++i) {
    const std::int64_t epoch = parts_.directory.owner_epoch() + 1;
    auto publishing = parts_.producer.publish(claim_draft(parts_.topics, epoch, address_));
    const Result<Position> published = co_await std::move(publishing);
    if (!published) co_return tl::unexpected(published.error());
    done = co_await catch_up(deadline);
    if (!done || parts_.directory.owner_epoch() != epoch || parts_.directory.owner() != address_) continue;
    epoch_ = epoch;
    co_return done;
  }
  if (!done) co_return done;
  co_return fail(Cause::Unreachable, "another instance claims the configuration, too");
}

asio::awaitable<void> Ownership::answer(bus::Change change) {
  const bool gained =
      std::holds_alternative<bus::Assigned>(change) && !std::get<bus::Assigned>(change).partitions.empty();
  if (!gained) {
    if (owns_) log::info("ownership.lost", {{"epoch", epoch_}});
    owns_ = false;
    const auto deadline = bus::within(settling);
    const Result<Turns::Turn> last = co_await parts_.turns.take(deadline);
  }
  joined_ = std::holds_alternative<bus::Assigned>(change);
  assigned_ = gained;
  parts_.group.accept();
}

asio::awaitable<void> Ownership::run() {
  while (!stopping_) {
    if (auto change = parts_.group.change()) {
      co_await answer(std::move(*change));
      continue;
    }
    if (assigned_ && !owns_) {
      const Result<void> claimed = co_await claim();
      const bool still = !parts_.group.change();
      owns_ = claimed && still;
      if (owns_) log::info("ownership.gained", {{"epoch", epoch_}});
      if (!claimed) log::warn("ownership.not_claimed", {{"why", claimed.error().detail}});
      if (still && claimed) continue;
    }
    const auto soon = bus::within(look);
    co_await parts_.group.activity(soon);
  }
  owns_ = false;
  const auto deadline = bus::within(settling);
  co_await parts_.group.leave(deadline);
}

}  // namespace aftercall::control
