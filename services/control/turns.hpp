#pragma once
#include <deque>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "bus/deadline.hpp"
#include "domain/failure.hpp"

namespace aftercall::control {

namespace asio = boost::asio;

// One at a time, in the order of asking. Used by one thread; outlives what waits for it.
class Turns {
  struct Waiting;

 public:
  explicit Turns(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // Held for as long as it lives.
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->next();
    }

   private:
    Turns* turns_;
  };

  asio::awaitable<Result<Turn>> take(bus::Deadline deadline);
  bool taken() const { return taken_; }

 private:
  static constexpr std::size_t most_waiting = 256;
  void next();

  asio::any_io_executor executor_;
  bool taken_ = false;
  std::deque<std::shared_ptr<Waiting>> waiting_;
};

}  // namespace aftercall::control
