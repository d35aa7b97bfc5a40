#include "bus/doorbell.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace aftercall::bus {
namespace {

constexpr std::chrono::milliseconds tick{100};
constexpr std::uint64_t one = 1;

int open_eventfd() {
  const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return descriptor;
}

}  // namespace

// Shared with the handlers that are on their way: they may run after the doorbell has gone, and find it
// silent.
struct Doorbell::Door {
  Door(const asio::any_io_executor& executor, std::function<bool()> call)
      : descriptor(executor, open_eventfd()), timer(executor), ring(std::move(call)) {}

  static void listen(const std::shared_ptr<Door>& door) {
    door->descriptor.async_wait(
        asio::posix::descriptor_base::wait_read, [door](boost::system::error_code error) {
          if (error || !door->ring) return;
          std::uint64_t count = 0;
          [[maybe_unused]] const auto read = ::read(door->descriptor.native_handle(), &count, sizeof count);
          answer(door);
          listen(door);
        });
  }

  static void keep_time(const std::shared_ptr<Door>& door) {
    door->timer.expires_after(tick);
    door->timer.async_wait([door](boost::system::error_code error) {
      if (error || !door->ring) return;
      answer(door);
      keep_time(door);
    });
  }

  static void answer(const std::shared_ptr<Door>& door) {
    if (!door->ring()) return;
    asio::post(door->timer.get_executor(), [door] {
      if (door->ring) answer(door);
    });
  }

  asio::posix::stream_descriptor descriptor;
  asio::steady_timer timer;
  std::function<bool()> ring;
};

Doorbell::Doorbell(const asio::any_io_executor& executor, std::function<bool()> ring)
    : door_(std::make_shared<Door>(executor, std::move(ring))) {
  Door::listen(door_);
  Door::keep_time(door_);
}

Doorbell::~Doorbell() {
  door_->ring = nullptr;
  boost::system::error_code ignored;
  door_->timer.cancel(ignored);
  door_->descriptor.close(ignored);
}

void Doorbell::watch(const rd::Queue& queue) const {
  rd_kafka_queue_io_event_enable(queue.get(), door_->descriptor.native_handle(), &one, sizeof one);
}

}  // namespace aftercall::bus
