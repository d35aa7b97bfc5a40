#include "control/status/status_service.hpp"

#include "wire/time.hpp"

namespace aftercall::control {
namespace {

void tell(api::StageStatus& status, const StageLag& lag) {
  status.set_stage(std::string(lag.stage));
  status.set_instances(lag.instances);
  status.set_lag(lag.events);
  status.set_lag_age_ms(lag.age.count());
  status.set_problem(lag.problem);
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
  const std::vector<StageLag> lags = co_await lags_.look(deadline);
  for (const auto& lag : lags) tell(*response.add_stages(), lag);
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
