#include "process/stage_task.hpp"

#include <iostream>

#include "telemetry/log.hpp"

namespace aftercall::process {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds a_try{5};  // a stop is noticed after one at the latest
constexpr std::chrono::minutes between_lines{1};

// Kafka being away is waited for as long as it takes; what does not pass by itself ends the process.
asio::awaitable<Result<void>> restore(Host host, tenancy::Following* config) {
  auto tell_at = Clock::now() + a_try;
  while (true) {
    const auto deadline = Clock::now() + a_try;
    const auto restored = co_await config->restore(deadline);
    if (restored || host.stopping() || kind_of(restored.error().cause) != Kind::Transient) co_return restored;
    if (Clock::now() < tell_at) continue;
    tell_at = Clock::now() + between_lines;
    log::warn("stage.waits_for_kafka", {{"stage", host.name()}, {"why", restored.error().detail}});
  }
}

asio::awaitable<void> restore_and_run(Host host, tenancy::Following* config, stage::Stage* stage) {
  const auto restored = co_await restore(host, config);
  if (host.stopping()) co_return;
  if (!restored) {
    host.fail(restored.error());
    co_return;
  }
  host.spawn("config", config->run());
  const auto ended = co_await stage->run();
  if (!ended) host.fail(ended.error());
}

void print(const Draft& draft) { std::cout << stage::shown(draft) << std::flush; }

}  // namespace

stage::Settings with_effects_as_asked(Host& host, stage::Settings settings) {
  if (host.dry_run()) settings.dry_run = stage::DryRun{stage::new_run(), print};
  return settings;
}

void spawn_stage(Host& host, tenancy::Following& config, stage::Stage& stage) {
  host.on_stop([&config, &stage] {
    config.stop();
    stage.stop();
  });
  host.ready_when("config", [&config]() -> std::optional<std::string> {
    if (config.restored()) return std::nullopt;
    return "tenant.config is still being read";
  });
  host.ready_when("stage", [&stage] { return stage.not_ready(); });
  host.spawn("stage", restore_and_run(host, &config, &stage));
}

}  // namespace aftercall::process
