#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/server.hpp"
#include "http/test_wire.hpp"
#include "http/test_world.hpp"

// For tests: a server on a thread of its own, and who visits it.
namespace aftercall::http {

inline constexpr auto get = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n";

inline std::atomic<bool> slow_started{false}, slow_may_end{false};

// What the handler of these tests does is told by the path.
inline asio::awaitable<Response> answer(Request request) {
  Response response;
  if (request.target == "/throw") throw std::runtime_error("a bug with a secret");
  slow_started = request.target == "/slow";
  while (slow_started && !slow_may_end) {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
  }
  if (request.target == "/split") response.headers.add("X-A", "b\r\nEvil: c");
  if (request.target == "/nothing") response.status = 204;
  const auto name = std::string(request.headers.find("X-Name").value_or("nobody"));
  response.body =
      request.method + " " + request.target + " " + name + " " + std::to_string(request.body.size());
  co_return response;
}

class ServerTest : public testing::Test {
 protected:
  ~ServerTest() override {
    stop();
    EXPECT_TRUE(soon([&] { return ended_.load(); }));
  }
  Server& serve() {
    server_.emplace(world_.context.get_executor(), settings, answer);
    asio::co_spawn(world_.context, server_->run(), [this](std::exception_ptr) { ended_ = true; });
    background_.emplace(world_);
    return *server_;
  }
  void stop() {
    if (!server_) ended_ = true;
    if (server_) asio::post(world_.context, [this] { server_->stop(); });
  }
  Wire visit() { return Wire::to(server_->port()); }
  std::string ask(const std::string& bytes) {
    Wire wire = visit();
    wire.write(bytes);
    return wire.read_message();
  }
  bool ended() const { return ended_; }

  ServerSettings settings;

 private:
  World world_;
  std::optional<Server> server_;
  std::atomic<bool> ended_{false};
  std::optional<Background> background_;  // last: its thread ends before what it runs goes
};

}  // namespace aftercall::http
