#pragma once
#include <chrono>
#include <functional>
#include <set>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "control/configuration/ownership.hpp"
#include "control/sign_in/connecting.hpp"
#include "control/sign_in/probe_times.hpp"
#include "control/sign_in/side_by_side.hpp"

namespace aftercall::control {

// What the owner of the configuration does for connections from time to time: it looks whether what a person
// was asked to mend is mended.
class Upkeep {
 public:
  struct Parts {
    asio::any_io_executor executor;
    process::Tasks& tasks;
    const tenancy::Directory& directory;
    const Ownership& ownership;
    Connecting& connecting;
    std::chrono::milliseconds every;
  };
  explicit Upkeep(Parts parts);

  // For which accounts something is blocked now.
  void heed(std::function<std::set<Blocked>()> blocked) { blocked_ = std::move(blocked); }
  asio::awaitable<void> run();  // ends after stop()
  void stop();

 private:
  Parts parts_;
  std::function<std::set<Blocked>()> blocked_ = [] { return std::set<Blocked>(); };
  asio::steady_timer again_;
  SideBySide probes_;
  bool stopping_ = false;
};

}  // namespace aftercall::control
