#pragma once
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "bus/rdkafka.hpp"

namespace aftercall::bus {

namespace asio = boost::asio;

// Turns librdkafka's threads into events of our one thread: they write to a descriptor when a watched queue
// is no longer empty, and `ring` is called on the executor, then and every 100 ms (deadlines, membership). It
// answers true when it stopped before its queues were empty and wants to be called again soon. Outlives the
// queues that it watches.
class Doorbell {
 public:
  Doorbell(const asio::any_io_executor& executor, std::function<bool()> ring);
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;
  ~Doorbell();

  void watch(const rd::Queue& queue) const;

 private:
  struct Door;
  std::shared_ptr<Door> door_;
};

}  // namespace aftercall::bus
