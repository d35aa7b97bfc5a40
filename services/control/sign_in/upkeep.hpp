#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "control/configuration/ownership.hpp"
#include "control/sign_in/connecting.hpp"
#include "control/sign_in/idle_times.hpp"
#include "control/sign_in/probe_times.hpp"
#include "control/sign_in/side_by_side.hpp"
#include "stage/clock.hpp"

namespace aftercall::control {

// What the owner of the configuration does for connections from time to time: it looks whether what a person
// was asked to mend is mended, and uses the refresh tokens that nobody else uses.
class Upkeep {
 public:
  struct Parts {
    asio::any_io_executor executor;
    process::Tasks& tasks;
    stage::Clock& clock;
    const tenancy::Directory& directory;
    const Vault& vault;
    const Ownership& ownership;
    SignIns& sign_ins;
    Connecting& connecting;
    std::chrono::milliseconds every;
  };
  explicit Upkeep(Parts parts);

  // For which accounts something is blocked now.
  void heed(std::function<std::set<Blocked>()> blocked) { blocked_ = std::move(blocked); }
  asio::awaitable<void> run();  // ends after stop()
  void stop();

 private:
  std::map<IdleTimes::Name, Instant> last_uses() const;
  asio::awaitable<void> refresh(tenancy::ConnectionPtr connection);
  void keep_signed_in();

  Parts parts_;
  std::function<std::set<Blocked>()> blocked_ = [] { return std::set<Blocked>(); };
  asio::steady_timer again_;
  SideBySide probes_;
  IdleTimes idle_;
  SideBySide refreshes_;
  bool stopping_ = false;
};

}  // namespace aftercall::control
