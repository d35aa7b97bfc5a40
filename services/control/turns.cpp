#include "control/turns.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::control {

struct Turns::Waiting {
  Waiting(const asio::any_io_executor& executor, bus::Deadline deadline) : timer(executor, deadline) {}
  asio::steady_timer timer;
  bool called = false;
};

asio::awaitable<Result<Turns::Turn>> Turns::take(bus::Deadline deadline) {
  if (!taken_) {
    taken_ = true;
    co_return Turn(*this);
  }
  if (waiting_.size() >= most_waiting)
    co_return fail(Cause::Paced, "too much waits to be written; try again");
  const auto own = std::make_shared<Waiting>(executor_, deadline);
  waiting_.push_back(own);
  boost::system::error_code woken;
  co_await own->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (own->called) co_return Turn(*this);
  std::erase(waiting_, own);
  co_return fail(Cause::Timeout, "others were being written for too long; try again");
}

void Turns::next() {
  if (waiting_.empty()) {
    taken_ = false;
    return;
  }
  const auto first = waiting_.front();
  waiting_.pop_front();
  first->called = true;
  first->timer.cancel();
}

}  // namespace aftercall::control
