#pragma once
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "turns.hpp"

namespace aftercall::crm::pipedrive {

namespace asio = boost::asio;

// The looks that search or wait to: turns.hpp decides, here is the waiting. Used by one thread.
class Line {
 public:
  explicit Line(const Pace& pace);  // which outlives it

  // One look's place, which it gives up whatever becomes of it.
  class Seat {
   public:
    Seat(Seat&&) noexcept = default;
    Seat& operator=(Seat&&) = delete;
    ~Seat();
    const Turns::Place& place() const { return place_; }
    void left(std::size_t searches);  // after each search
    std::optional<Failure> too_late() const;

   private:
    friend class Line;
    Seat(std::shared_ptr<struct Looks> looks, Turns::Place place);
    std::shared_ptr<struct Looks> looks_;
    Turns::Place place_;
  };
  Seat come(Turns::Moment deadline, std::size_t searches);

  // Until it is this one's turn, or why there will be none before its deadline.
  asio::awaitable<std::optional<Failure>> turn(Turns::Place place);

 private:
  std::shared_ptr<struct Looks> looks_;
};

}  // namespace aftercall::crm::pipedrive
