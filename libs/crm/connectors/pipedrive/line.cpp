#include "line.hpp"

#include <list>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::crm::pipedrive {

using std::chrono::steady_clock;

struct Looks {
  const Pace* pace;
  Turns turns{};
  std::list<asio::steady_timer> waiting{};  // one for each who waits

  // Who gives up its place may have made room.
  void left(const Turns::Place& place, std::size_t searches) {
    turns.left(place, searches);
    if (searches > 0) return;
    boost::system::error_code ignored;  // a destructor calls this
    for (auto& bell : waiting) bell.cancel(ignored);
  }
};

Line::Line(const Pace& pace) : looks_(std::make_shared<Looks>(Looks{&pace})) {}

Line::Seat::Seat(std::shared_ptr<Looks> looks, Turns::Place place)
    : looks_(std::move(looks)), place_(place) {}

Line::Seat::~Seat() {
  if (looks_) looks_->left(place_, 0);
}

void Line::Seat::left(std::size_t searches) { looks_->left(place_, searches); }

std::optional<Failure> Line::Seat::too_late() const {
  return looks_->turns.too_late(place_, *looks_->pace, steady_clock::now());
}

Line::Seat Line::come(Turns::Moment deadline, std::size_t searches) {
  return {looks_, looks_->turns.come(deadline, searches)};
}

asio::awaitable<std::optional<Failure>> Line::turn(Turns::Place place) {
  const auto looks = looks_;
  auto late = looks->turns.too_late(place, *looks->pace, steady_clock::now());
  if (late || looks->turns.may_search(place)) co_return late;
  const auto executor = co_await asio::this_coro::executor;
  const auto bell = looks->waiting.emplace(looks->waiting.end(), executor);
  while (!late && !looks->turns.may_search(place)) {
    bell->expires_at(Turns::last_moment(place));
    boost::system::error_code woken;
    co_await bell->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    late = looks->turns.too_late(place, *looks->pace, steady_clock::now());
  }
  looks->waiting.erase(bell);
  co_return late;
}

}  // namespace aftercall::crm::pipedrive
