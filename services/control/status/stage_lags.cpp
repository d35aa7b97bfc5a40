#include "control/status/stage_lags.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "telemetry/metrics.hpp"

namespace aftercall::control {
namespace {

constexpr std::chrono::seconds asking{5};  // for one stage: what waits is told even if Kafka does not answer
constexpr std::chrono::seconds between_looks{5};

// A stage's consumer group bears its name, behind the topics' prefix.
struct Stage {
  std::string_view name, input;
};
constexpr std::array stages{Stage{"matcher", wire::topic::session_finished},
                            Stage{"formatter", wire::topic::contact_matched},
                            Stage{"crm_writer", wire::topic::note_ready}};

StageLag lag_of(std::string_view stage, const Result<bus::GroupState>& group) {
  StageLag lag{stage};
  if (!group) {
    lag.problem = group.error().detail;
    return lag;
  }
  lag.instances = static_cast<int>(group->members.size());
  for (const auto& partition : group->lag) lag.events += partition.events();
  if (!group->oldest) return lag;
  const auto age = std::chrono::system_clock::now() - *group->oldest;
  lag.age = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(age), lag.age);
  return lag;
}

void show_one(const StageLag& lag) {
  const auto known = [&lag](double value) {
    return lag.problem.empty() ? value : std::numeric_limits<double>::quiet_NaN();
  };
  telemetry::gauge("aftercall_stage_lag_events", "Events of a stage's input that it has not done.",
                   {{"stage", lag.stage}}, known(static_cast<double>(lag.events)));
  telemetry::gauge("aftercall_stage_lag_seconds", "Age of the oldest event that a stage has not done.",
                   {{"stage", lag.stage}}, known(static_cast<double>(lag.age.count()) / 1000));
  telemetry::gauge("aftercall_stage_instances", "Members of a stage's consumer group.",
                   {{"stage", lag.stage}}, known(lag.instances));
}

}  // namespace

asio::awaitable<std::vector<StageLag>> StageLags::look(bus::Deadline deadline) {
  std::vector<StageLag> lags;
  for (const auto& stage : stages) {
    const auto until = std::min(deadline, bus::within(asking));
    auto asked = admin_->group(topics_.prefix + std::string(stage.name), topics_.of(stage.input), until);
    const Result<bus::GroupState> group = co_await std::move(asked);
    lags.push_back(lag_of(stage.name, group));
  }
  co_return lags;
}

asio::awaitable<void> StageLags::show() {
  while (!stopping_) {
    const auto deadline = bus::within(asking * stages.size());
    const std::vector<StageLag> lags = co_await look(deadline);
    for (const auto& lag : lags) show_one(lag);
    if (stopping_) break;
    boost::system::error_code woken;
    again_.expires_after(between_looks);
    co_await again_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

void StageLags::stop() {
  stopping_ = true;
  again_.cancel();
}

}  // namespace aftercall::control
