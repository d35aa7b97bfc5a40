#include "process/stage_process.hpp"

#include <iostream>

#include "bus/kafka.hpp"
#include "telemetry/log.hpp"
#include "tenancy/following.hpp"

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

struct StageProcess::Parts {
  Parts(Host& process, const StageSettings& wanted, std::unique_ptr<bus::Bus> opened)
      : host(process),
        settings(wanted.stage),
        kafka(std::move(opened)),
        reader(kafka->reader({{wanted.kafka.topics.of(wire::topic::tenant_config), 0}})),
        following(directory, *reader),
        clock(host.executor()) {}

  Host& host;
  stage::Settings settings;
  std::unique_ptr<bus::Bus> kafka;
  std::unique_ptr<bus::Reader> reader;
  tenancy::Directory directory;
  tenancy::Following following;
  stage::RealClock clock;
};

StageProcess::StageProcess(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
StageProcess::~StageProcess() = default;

Result<std::unique_ptr<StageProcess>> StageProcess::open(Host& host, const StageSettings& settings) {
  auto kafka = bus::open(host.executor(), with_log(settings.kafka.bus));
  if (!kafka) return tl::unexpected(kafka.error());
  auto parts = std::make_unique<Parts>(host, settings, std::move(*kafka));
  if (host.dry_run()) parts->settings.dry_run = stage::DryRun{stage::new_run(), print};
  return std::unique_ptr<StageProcess>(new StageProcess(std::move(parts)));
}

asio::any_io_executor StageProcess::executor() const { return parts_->host.executor(); }
bus::Bus& StageProcess::kafka() const { return *parts_->kafka; }
const tenancy::Directory& StageProcess::directory() const { return parts_->directory; }
bool StageProcess::dry_run() const { return parts_->settings.dry_run.has_value(); }
void StageProcess::remark(std::string name, std::function<std::optional<std::string>()> what) {
  parts_->host.remark(std::move(name), std::move(what));
}
void StageProcess::fail(const Failure& why) { parts_->host.fail(why); }

void StageProcess::run(stage::Steps steps) {
  Host& host = parts_->host;
  auto& following = parts_->following;
  stage::Stage stage(host.executor(), *parts_->kafka, parts_->clock, parts_->settings, std::move(steps));
  host.on_stop([&following, &stage] {
    following.stop();
    stage.stop();
  });
  host.ready_when("config", [&following]() -> std::optional<std::string> {
    if (following.restored()) return std::nullopt;
    return "tenant.config is still being read";
  });
  host.ready_when("stage", [&stage] { return stage.not_ready(); });
  host.spawn("stage", restore_and_run(host, &following, &stage));
  host.run();
}

}  // namespace aftercall::process
