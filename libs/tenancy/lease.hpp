#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "domain/failure.hpp"
#include "domain/id.hpp"
#include "domain/secret.hpp"

namespace aftercall::tenancy {

namespace asio = boost::asio;

struct LeaseSettings {
  std::string control = "127.0.0.1:9090";      // host:port
  std::string ca_file;                         // PEM; empty only where control is on loopback: plain text
  Secret token;                                // bearer token with the role stage
  std::chrono::milliseconds deadline{10'000};  // of one call; the sign-in it may lead to is part of it
  std::chrono::milliseconds rest{1'000};       // after a failure nobody is asked again for about this long
};

// Access tokens, leased from control: the one gRPC client among the libraries. One call at a time for each
// connection, however many wait for it. While control is away what was leased serves on, to its end; then
// NoLease. Used from the executor's thread, which is never blocked but by the destructor.
class Leases {
 public:
  // Throws std::runtime_error for settings that cannot be used: that is for starting up.
  Leases(asio::any_io_executor executor, LeaseSettings settings);
  ~Leases();  // waits for what was cancelled
  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  // `refused` is empty, or the token that the CRM has just answered 401 to: then another one is got.
  asio::awaitable<Result<Secret>> token(TenantId tenant, ConnectionId connection, Secret refused);

  // Why nothing at all can be done now: control is away, and what it leased has run out. Cheap. Asking this
  // asks control now and then, since nobody else does who stands still meanwhile.
  std::optional<std::string> none_left();

  std::size_t calls() const;  // made to control so far

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace aftercall::tenancy
