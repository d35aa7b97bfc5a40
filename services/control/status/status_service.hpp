#pragma once
#include "aftercall/control/v1/control.grpc.pb.h"
#include "control/deferred/releaser.hpp"
#include "control/desk.hpp"
#include "control/status/stage_lags.hpp"

namespace aftercall::control {

namespace api = aftercall::control::v1;

// How the pipeline is: each stage's instances and lag as Kafka tells them, and what waits.
class StatusService final : public api::Status::Service {
 public:
  StatusService(Desk& desk, StageLags& lags, const Releaser& releaser, const tenancy::Directory& directory)
      : desk_(desk), lags_(lags), releaser_(releaser), directory_(directory) {}
  grpc::Status Get(grpc::ServerContext* context, const api::GetStatusRequest* request,
                   api::GetStatusResponse* response) override;

 private:
  asio::awaitable<Result<api::GetStatusResponse>> look(bus::Deadline deadline);

  Desk& desk_;
  StageLags& lags_;
  const Releaser& releaser_;
  const tenancy::Directory& directory_;
};

}  // namespace aftercall::control
