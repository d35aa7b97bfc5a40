#pragma once
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bus/deadline.hpp"

namespace aftercall::bus {

namespace asio = boost::asio;

// "Something may be new" for one coroutine that waits at a time; a notice that nobody waits for is kept.
class Wakeup {
 public:
  explicit Wakeup(const asio::any_io_executor& executor) : timer_(executor) {}

  void notify() {
    noticed_ = true;
    timer_.cancel();
  }

  asio::awaitable<void> wait(Deadline deadline) {
    if (!noticed_) {
      timer_.expires_at(deadline);
      boost::system::error_code ended;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    }
    noticed_ = false;
  }

 private:
  asio::steady_timer timer_;
  bool noticed_ = false;
};

}  // namespace aftercall::bus
