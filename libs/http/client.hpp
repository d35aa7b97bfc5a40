#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "domain/failure.hpp"
#include "http/message.hpp"

namespace aftercall::http {

namespace asio = boost::asio;
using Deadline = std::chrono::steady_clock::time_point;

struct ClientSettings {
  std::string ca_file;               // PEM with further roots to trust, beside the system's; "" for none
  bool plain_http_anywhere = false;  // developers only: http:// to hosts that are not loopback
  std::chrono::milliseconds connect{5'000};       // DNS, TCP and TLS together
  std::chrono::milliseconds total{30'000};        // when send() is given no deadline of its own
  std::chrono::milliseconds idle{20'000};         // a pooled connection older than this is not used again
  std::size_t idle_per_origin = 32;               // pooled connections kept, per scheme, host and port
  std::size_t idle_connections = 256;             // and over all
  std::size_t response_body = 8UL * 1024 * 1024;  // the longest answer read
  std::size_t response_header = 64UL * 1024;
};

// HTTP/1.1 over TLS (verified, always) or, to loopback, in plain text. Follows no redirect, keeps no cookie.
// One thread: the one that runs the executor.
//
// A failure's cause tells how far it came, see nothing_was_sent(). Any status is a Response, not a failure.
class Client {
 public:
  // Throws std::runtime_error when ca_file cannot be used: that is for starting up.
  Client(asio::any_io_executor executor, ClientSettings settings);
  ~Client();  // closes
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  asio::awaitable<Result<Response>> send(Request request, Deadline deadline);
  asio::awaitable<Result<Response>> send(Request request);  // within settings.total

  void close();  // ends every connection; what is being sent fails, and so does what is sent afterwards

  struct Counts {
    std::size_t opened = 0, reused = 0, idle = 0, busy = 0;
  };
  Counts counts() const;

 private:
  struct Pool;
  std::shared_ptr<Pool> pool_;
};

// True for what send() reports as Unreachable (DNS, connect, TLS, closed) or Rejected (this request may not
// be sent: its URL, its headers): not one byte of it left. Timeout and ServerError (connection broke, half an
// answer, no HTTP, too long) mean that some of it may have arrived: an unkeyed create is then in doubt.
bool nothing_was_sent(const Failure& failure);

}  // namespace aftercall::http
