#pragma once
#include <grpcpp/grpcpp.h>

#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "control/config.hpp"

namespace aftercall::control {

namespace asio = boost::asio;

// The API's gRPC server, with health and reflection. These two need no token: they tell nothing of a tenant.
class Server {
 public:
  // Listens at once; throws std::runtime_error when it cannot, or when tokens would travel in plain text.
  Server(const Listening& listen, const std::vector<grpc::Service*>& services);
  int port() const { return port_; }
  // Ends calls, waiting for them a little. Does not block the thread it is called on.
  asio::awaitable<void> shut_down();

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace aftercall::control
