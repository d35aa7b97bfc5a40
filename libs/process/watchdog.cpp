#include "process/watchdog.hpp"

#include <unistd.h>

#include "process/host.hpp"
#include "telemetry/log.hpp"

namespace aftercall::process {

Watchdog::~Watchdog() {
  {
    const std::lock_guard guard(lock_);
    off_ = true;
  }
  called_off_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::arm(std::chrono::milliseconds time) {
  if (thread_.joinable()) return;
  thread_ = std::thread([this, time] {
    std::unique_lock guard(lock_);
    if (called_off_.wait_for(guard, time, [this] { return off_; })) return;
    log::error("process.stuck", {{"after", time}});
    ::_exit(not_drained);
  });
}

}  // namespace aftercall::process
