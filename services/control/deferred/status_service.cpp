#include "control/deferred/status_service.hpp"

#include <array>

#include "wire/time.hpp"

namespace aftercall::control {
namespace {

constexpr std::chrono::seconds asking{5};  // for one stage: what waits is told even if Kafka does not answer

// A stage's consumer group bears its name, behind the topics' prefix.
struct Stage {
  std::string_view name, input;
};
constexpr std::array stages{Stage{"matcher", wire::topic::session_finished},
                            Stage{"formatter", wire::topic::contact_matched},
                            Stage{"crm_writer", wire::topic::note_ready}};

void tell(api::StageStatus& status, const Result<bus::GroupState>& group) {
  if (!group) {
    status.set_problem(group.error().detail);
    return;
  }
  status.set_instances(static_cast<std::int32_t>(group->members.size()));
  std::int64_t lag = 0;
  for (const auto& partition : group->lag) lag += partition.events();
  status.set_lag(lag);
  if (!group->oldest) return;
  const auto age = std::chrono::system_clock::now() - *group->oldest;
  status.set_lag_age_ms(
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(age).count(), 0));
}

void tell(api::StageStatus& status, const std::map<Deferrals::Count, std::int64_t>& counts) {
  const auto of = [&](Kind kind) {
    const auto found = counts.find({status.stage(), kind});
    return found == counts.end() ? 0 : found->second;
  };
  status.set_waiting(of(Kind::Transient));
  status.set_in_doubt(of(Kind::InDoubt));
  status.set_blocked(of(Kind::Blocked));
  status.set_dead(of(Kind::Permanent));
}

void tell(api::GetStatusResponse& response, const tenancy::Directory& directory) {
  std::int64_t connections = 0;
  std::int64_t connected = 0;
  const auto tenants = directory.tenants();
  for (const auto& tenant : tenants)
    for (const auto& connection : directory.connections(tenant->id)) {
      ++connections;
      if (connection->status == ConnectionStatus::Connected) ++connected;
    }
  response.set_tenants(static_cast<std::int64_t>(tenants.size()));
  response.set_connections(connections);
  response.set_connections_connected(connected);
  response.set_owner(directory.owner());
}

}  // namespace

asio::awaitable<Result<api::GetStatusResponse>> StatusService::look(bus::Deadline deadline) {
  api::GetStatusResponse response;
  for (const auto& stage : stages) {
    auto& status = *response.add_stages();
    status.set_stage(std::string(stage.name));
    const auto until = std::min(deadline, bus::within(asking));
    auto asked = admin_->group(topics_.prefix + std::string(stage.name), topics_.of(stage.input), until);
    const Result<bus::GroupState> group = co_await std::move(asked);
    tell(status, group);
  }
  const auto counts = releaser_.deferrals().counts();
  for (auto& status : *response.mutable_stages()) tell(status, counts);
  tell(response, directory_);
  wire::write_time(*response.mutable_at(), truncate(std::chrono::system_clock::now()));
  co_return response;
}

grpc::Status StatusService::Get(grpc::ServerContext* context, const api::GetStatusRequest* request,
                                api::GetStatusResponse* response) {
  return desk_.serve<api::GetStatusResponse>(
      *context, "Status/Get", *request, response,
      [this](const Caller&, bus::Deadline deadline) { return look(deadline); });
}

}  // namespace aftercall::control
