#pragma once
#include <optional>
#include <string>
#include <utility>

#include "control/control.hpp"
#include "control/deferred/deferred_service.hpp"
#include "control/deferred/releaser.hpp"
#include "control/status/status_service.hpp"

namespace aftercall::control {

// Everything about what waits, in event.deferred and before the stages: it is released, listed, counted.
class Deferring {
 public:
  // Before control.listen(); `bus` outlives this, and this outlives `control`'s answering.
  Deferring(asio::any_io_executor executor, bus::Bus& bus, Control& control, const Config& config)
      : clock_(executor),
        tasks_(executor),
        lags_(executor, bus, config.kafka.topics),
        releaser_({std::move(executor),
                   bus,
                   clock_,
                   control.workshop().directory,
                   config.kafka.topics,
                   config.group() + ".deferred",
                   {},
                   table_beside(config.view_file)}),
        deferred_(control.workshop().desk, releaser_, config.kafka.topics),
        status_(control.workshop().desk, lags_, releaser_, control.workshop().directory) {
    control.add(deferred_);
    control.add(status_);
    control.heed([this] { return why_not_ready() ? std::set<Blocked>() : releaser_.deferrals().blocked(); });
  }

  asio::awaitable<void> run() {
    tasks_.spawn("stage lags", lags_.show());
    co_await releaser_.run();
    lags_.stop();
    co_await tasks_.all();
  }
  void stop() {
    lags_.stop();
    releaser_.stop();
  }
  std::optional<std::string> why_not_ready() const { return releaser_.why_not_ready(); }
  const std::optional<std::string>& in_memory() const { return releaser_.in_memory(); }

 private:
  static std::filesystem::path table_beside(const std::string& view) {
    return view.empty() ? std::filesystem::path() : std::filesystem::path(view + ".deferred");
  }

  stage::RealClock clock_;
  process::Tasks tasks_;
  StageLags lags_;
  Releaser releaser_;
  DeferredService deferred_;
  StatusService status_;
};

}  // namespace aftercall::control
