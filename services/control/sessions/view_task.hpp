#pragma once
#include "bus/bus.hpp"
#include "control/sessions/session_view.hpp"

namespace aftercall::control {

namespace asio = boost::asio;

// Keeps the session view at what the topics say, from start() to stop().
class ViewTask {
 public:
  ViewTask(bus::Bus& bus, SessionView& view) : bus_(bus), view_(view) {}
  asio::awaitable<Result<void>> run(std::string partitions_of);  // a data topic: all have as many partitions
  void stop() { stopping_ = true; }
  bool caught_up() const { return caught_up_; }

 private:
  asio::awaitable<Result<int>> partitions(std::string topic);
  asio::awaitable<std::unique_ptr<bus::Reader>> reader(int partitions);

  bus::Bus& bus_;
  SessionView& view_;
  bool stopping_ = false;
  bool caught_up_ = false;
};

}  // namespace aftercall::control
