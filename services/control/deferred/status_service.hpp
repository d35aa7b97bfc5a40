#pragma once
#include <memory>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "control/deferred/releaser.hpp"
#include "control/desk.hpp"

namespace aftercall::control {

namespace api = aftercall::control::v1;

// How the pipeline is: each stage's instances and lag as Kafka tells them, and what waits.
class StatusService final : public api::Status::Service {
 public:
  StatusService(Desk& desk, bus::Bus& bus, const Releaser& releaser, const tenancy::Directory& directory,
                wire::TopicNames topics)
      : desk_(desk),
        admin_(bus.admin()),
        releaser_(releaser),
        directory_(directory),
        topics_(std::move(topics)) {}
  grpc::Status Get(grpc::ServerContext* context, const api::GetStatusRequest* request,
                   api::GetStatusResponse* response) override;

 private:
  asio::awaitable<Result<api::GetStatusResponse>> look(bus::Deadline deadline);

  Desk& desk_;
  std::unique_ptr<bus::Admin> admin_;
  const Releaser& releaser_;
  const tenancy::Directory& directory_;
  wire::TopicNames topics_;
};

}  // namespace aftercall::control
