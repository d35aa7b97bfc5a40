#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bus/producer.hpp"
#include "domain/failure.hpp"

namespace aftercall::ingest {

namespace asio = boost::asio;

// Whether the producer can publish: makes it ready, for its first record would else wait up to a second, and
// from then on looks whether it is lost. A lost one never comes back: the process must end and another begin.
class ProducerWatch {
 public:
  ProducerWatch(asio::any_io_executor executor, bus::Producer& producer)
      : producer_(producer), pause_(executor) {}

  asio::awaitable<void> run(std::function<void(Failure)> lost);  // until stop() or the loss
  void stop();
  std::optional<std::string> why_not() const;  // for /readyz

 private:
  asio::awaitable<void> rest();

  bus::Producer& producer_;
  asio::steady_timer pause_;
  bool ready_ = false;
  bool stopping_ = false;
};

}  // namespace aftercall::ingest
