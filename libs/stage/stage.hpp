#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "bus/bus.hpp"
#include "policy/retry.hpp"
#include "stage/bounds.hpp"
#include "stage/clock.hpp"
#include "stage/dry_run.hpp"
#include "stage/outcome.hpp"
#include "wire/topics.hpp"

namespace aftercall::stage {

struct Settings {
  std::string name;                  // "matcher": group, ce_source, metrics, deferrals
  std::string input;                 // short topic names (wire/topics.hpp)
  std::vector<std::string> outputs;  // what the step may emit to
  wire::TopicNames topics{};
  Bounds bounds{};
  RetryPolicy retry{};
  std::string instance{};           // group.instance.id; empty = none
  std::filesystem::path in_hand{};  // the crash guard's file, this instance's alone; empty = no guard
  std::chrono::milliseconds step_within{30'000};  // a step's deadline
  std::chrono::milliseconds drain_within{5'000};  // when partitions are revoked
  std::chrono::milliseconds stop_within{8'000};   // when the process ends; then commit and leave, 2 s more
  std::chrono::milliseconds commit_every{200};
  std::chrono::hours expires_after{30 * 24};  // since the unit was first deferred
  std::optional<DryRun> dry_run{};
};

// What makes one stage differ from another. Everything is called on the thread of the executor.
struct Steps {
  // An event's units, one for each CRM account; at least one. Malformed: the record is dead and the partition
  // goes on; NeedsNewerStage: blocked; NoTenant: waiting. `envelope.unit` names the only account that will be
  // run; the runner leaves out the others.
  std::function<Result<std::vector<Unit>>(const Record& record, const wire::Envelope& envelope)> split;
  std::function<asio::awaitable<Outcome>(Unit unit, Context context)> step;

  // For the deferral of a unit whose step failed before it could say what it wrote earlier, or never ran.
  std::function<Stands(const Unit& unit, const Position& at)> stands{};
  // Before the first event of a partition is tried. A transient failure is tried again, another ends the
  // stage.
  std::function<asio::awaitable<Result<void>>(int partition, std::uint64_t epoch)> on_assigned{};
  // The partition is not ours any more, and none of its steps' results will be used.
  std::function<void(int partition)> on_revoked{};
  // Why nothing at all can be done now (no lease is left, no row can be recorded): nothing is read, run or
  // deferred meanwhile. A host whose name is not resolved is no reason, only one CRM that is not reached.
  std::function<std::optional<std::string>()> halted{};
  // Why the step can never work again, if so: the stage ends, for its process to be started anew.
  std::function<std::optional<std::string>()> lost{};
};

// The one runner: input topic → units → lanes → steps → outcomes → watermarks.
class Stage {
 public:
  // `bus` and `clock` outlive run().
  Stage(asio::any_io_executor executor, bus::Bus& bus, Clock& clock, Settings settings, Steps steps);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Until stop() was called and all is settled, or why the stage cannot go on. Once.
  asio::awaitable<Result<void>> run();
  void stop();
  std::optional<std::string> not_ready() const;  // nothing = ready, else why not

 private:
  std::shared_ptr<class Runner> runner_;
};

}  // namespace aftercall::stage
