#pragma once
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "bus/deadline.hpp"
#include "domain/failure.hpp"
#include "domain/record.hpp"

namespace aftercall::bus {

namespace asio = boost::asio;

// Publishes records. Everything is called on the thread that runs the executor given to open(); outlives
// every coroutine that awaits it.
class Producer {
 public:
  virtual ~Producer() = default;

  // Completes when all in-sync replicas hold the record, or with a failure by the delivery timeout (twice
  // that when the local queue was full all the time: records wait for room in the order they came). Records
  // of one partition are stored in the order of the calls. After a failure the record may be there all the
  // same.
  virtual asio::awaitable<Result<Position>> publish(Draft draft) = 0;

  // Fetches what the first record would otherwise wait for (up to a second): metadata of the topics, producer
  // id.
  virtual asio::awaitable<Result<void>> ready(Deadline deadline) = 0;

  // Everything published so far was acked or failed.
  virtual asio::awaitable<Result<void>> flush(Deadline deadline) = 0;

  // How many partitions a topic has; SetupIncomplete when there is no such topic.
  virtual asio::awaitable<Result<int>> partitions(std::string topic, Deadline deadline) = 0;

  // Why this producer can never publish again, if so: the process should become unready and end.
  virtual std::optional<std::string> fatal() const = 0;
};

}  // namespace aftercall::bus
