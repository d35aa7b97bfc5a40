#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/client.hpp"

namespace aftercall::http {

// One look-up of a name. asio's resolver cannot be interrupted: what takes too long is left behind, and its
// answer, should it come, is dropped.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), ended(executor) {}
  void cancel() { ended.cancel(); }

  asio::ip::tcp::resolver resolver;
  asio::steady_timer ended;  // expires at the deadline, is cancelled by the answer
  boost::system::error_code error = asio::error::timed_out;
  std::vector<asio::ip::tcp::endpoint> endpoints;
};

asio::awaitable<Result<std::vector<asio::ip::tcp::endpoint>>> resolve(std::shared_ptr<Lookup> lookup,
                                                                      std::string host, std::uint16_t port,
                                                                      Deadline deadline);

}  // namespace aftercall::http
