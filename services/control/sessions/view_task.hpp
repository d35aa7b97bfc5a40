#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bus/bus.hpp"
#include "control/sessions/session_view.hpp"
#include "stage/clock.hpp"

namespace aftercall::control {

namespace asio = boost::asio;

// Keeps the session view at what the topics say, from start() to stop(). While its disk is full or broken it
// stands still, and is tried again; nothing else in control waits for it.
class ViewTask {
 public:
  // `file` as SessionView::open's; `clock` for its jitter alone.
  ViewTask(bus::Bus& bus, stage::Clock& clock, std::filesystem::path file, wire::TopicNames topics)
      : bus_(bus), clock_(clock), file_(std::move(file)), topics_(std::move(topics)) {}
  asio::awaitable<Result<void>> run(std::string partitions_of);  // a data topic: all have as many partitions
  void stop() { stopping_ = true; }
  bool caught_up() const { return caught_up_; }

  // Unreachable, and why: a view that stands still tells no stories, for they would be believed.
  Result<const SessionView*> view() const;
  const std::optional<std::string>& stands_still() const { return stands_still_; }

 private:
  asio::awaitable<Result<int>> partitions(std::string topic);
  asio::awaitable<Result<void>> follow(int partitions);
  asio::awaitable<std::unique_ptr<bus::Reader>> reader(int partitions);
  asio::awaitable<void> rest(std::string why);
  void go_on();

  bus::Bus& bus_;
  stage::Clock& clock_;
  std::filesystem::path file_;
  wire::TopicNames topics_;
  std::unique_ptr<SessionView> view_;
  std::optional<std::string> stands_still_;
  int rests_ = 0;  // since it went on last
  bool stopping_ = false;
  bool caught_up_ = false;
};

}  // namespace aftercall::control
