#pragma once
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::bus {

namespace asio = boost::asio;

// The other end of a wait: called once, it resumes the coroutine that waits in wait_for(), through the
// executor's queue and never from within the call, so that the caller may be in the middle of its own work.
template <class T>
class Answer {
 public:
  Answer() = default;
  template <class Handler>
  Answer(asio::any_io_executor executor, Handler handler)
      : waiting_(std::make_unique<Resume<Handler>>(std::move(executor), std::move(handler))) {}

  void operator()(T value) {
    const auto waiting = std::move(waiting_);
    waiting->resume(std::move(value));
  }
  explicit operator bool() const { return waiting_ != nullptr; }

 private:
  struct Waiting {
    Waiting() = default;
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    virtual ~Waiting() = default;
    virtual void resume(T value) = 0;
  };
  template <class Handler>
  struct Resume final : Waiting {
    Resume(asio::any_io_executor to, Handler what) : executor(std::move(to)), handler(std::move(what)) {}
    void resume(T value) override {
      asio::post(executor, [run = std::move(handler), with = std::move(value)]() mutable {
        std::move(run)(std::move(with));
      });
    }
    asio::any_io_executor executor;
    Handler handler;
  };
  std::unique_ptr<Waiting> waiting_;
};

// Suspends the caller, hands start() the Answer that resumes it.
template <class T, class Start>
asio::awaitable<T> wait_for(asio::any_io_executor executor, Start start) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(
      [executor = std::move(executor), start = std::move(start)](auto handler) mutable {
        start(Answer<T>(executor, std::move(handler)));
      },
      asio::use_awaitable);
}

}  // namespace aftercall::bus
