#include "process/stage_task.hpp"

namespace aftercall::process {
namespace {

// How long a start may wait for Kafka before the process ends and its supervisor begins anew.
constexpr std::chrono::minutes restore_within{5};

asio::awaitable<void> restore_and_run(Host host, tenancy::Following* config, stage::Stage* stage) {
  const auto deadline = std::chrono::steady_clock::now() + restore_within;
  const auto restored = co_await config->restore(deadline);
  if (host.stopping()) co_return;
  if (!restored) {
    host.fail(restored.error());
    co_return;
  }
  host.spawn("config", config->run());
  const auto ended = co_await stage->run();
  if (!ended) host.fail(ended.error());
}

}  // namespace

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
