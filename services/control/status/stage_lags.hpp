#pragma once
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bus/bus.hpp"
#include "wire/topics.hpp"

namespace aftercall::control {

namespace asio = boost::asio;

struct StageLag {
  std::string_view stage;
  int instances = 0;
  std::int64_t events = 0;
  std::chrono::milliseconds age{0};  // of the oldest event that is not done
  std::string problem{};             // why the rest is not known, when it is not
};

// How far each stage is behind, as Kafka tells it: also of one that has no process to tell it itself.
class StageLags {
 public:
  StageLags(asio::any_io_executor executor, bus::Bus& bus, wire::TopicNames topics)
      : admin_(bus.admin()), topics_(std::move(topics)), again_(std::move(executor)) {}

  // In the order of the pipeline.
  asio::awaitable<std::vector<StageLag>> look(bus::Deadline deadline);

  // aftercall_stage_lag_events, aftercall_stage_lag_seconds and aftercall_stage_instances {stage}, again and
  // again until stop(). NaN: not known.
  asio::awaitable<void> show();
  void stop();

 private:
  std::unique_ptr<bus::Admin> admin_;
  wire::TopicNames topics_;
  asio::steady_timer again_;
  bool stopping_ = false;
};

}  // namespace aftercall::control
