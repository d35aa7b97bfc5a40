#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bus/bus.hpp"
#include "process/host.hpp"
#include "process/sections.hpp"
#include "stage/stage.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::process {

// What every stage's process is, beside what its step does: Kafka, the tenants as tenant.config has them, the
// runner.
class StageProcess {
 public:
  // Kafka's client for these settings, or why there can be none.
  static Result<std::unique_ptr<StageProcess>> open(Host& host, const StageSettings& settings);
  ~StageProcess();

  asio::any_io_executor executor() const;
  bus::Bus& kafka() const;
  const tenancy::Directory& directory() const;
  bool dry_run() const;
  void remark(std::string name, std::function<std::optional<std::string>()> what);  // as Host's
  void fail(const Failure& why);  // before run(): it cannot be started

  // A stage's life, until SIGTERM: first tenant.config to its end, so that no event meets an unknown tenant,
  // then the stage; why it could not go on ends the process. What the steps refer to outlives this call.
  void run(stage::Steps steps);

 private:
  struct Parts;
  explicit StageProcess(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// The whole of a stage's main. The stage's settings are the `stage` of what `parse` answers; `start` makes
// the steps and what they need, and ends with run().
template <class Parse, class StartWith>
int run_stage(std::string_view name, int argc, char** argv, Parse parse, StartWith start) {
  return run(name, argc, argv, parse, [start](const auto& config, Host& host) {
    const auto opened = StageProcess::open(host, config.stage);
    if (!opened) return host.fail(opened.error());
    start(config, **opened);
  });
}

}  // namespace aftercall::process
