#pragma once
#include "aftercall/control/v1/control.grpc.pb.h"
#include "control/deferred/releaser.hpp"
#include "control/desk.hpp"

namespace aftercall::control {

namespace api = aftercall::control::v1;

// What waits, and a person's wish to have it released; every instance knows and takes them all.
class DeferredService final : public api::Deferred::Service {
 public:
  DeferredService(Desk& desk, Releaser& releaser, wire::TopicNames topics)
      : desk_(desk), releaser_(releaser), topics_(std::move(topics)) {}
  grpc::Status List(grpc::ServerContext* context, const api::ListDeferredRequest* request,
                    api::ListDeferredResponse* response) override;
  grpc::Status Release(grpc::ServerContext* context, const api::ReleaseRequest* request,
                       api::ReleaseResponse* response) override;
  grpc::Status Discard(grpc::ServerContext* context, const api::DiscardRequest* request,
                       api::DiscardResponse* response) override;

 private:
  Result<api::ListDeferredResponse> look(const api::ListDeferredRequest& request) const;
  asio::awaitable<Result<api::ReleaseResponse>> release(api::ReleaseRequest request, Caller caller,
                                                        bus::Deadline deadline);
  asio::awaitable<Result<api::DiscardResponse>> discard(api::DiscardRequest request, Caller caller,
                                                        bus::Deadline deadline);
  struct Done {
    std::int64_t done = 0, queued = 0;
  };
  asio::awaitable<Result<Done>> carry_out(Wish wish, api::DeferredFilter filter, bool dry_run,
                                          bus::Deadline deadline);
  std::int64_t still_there(const std::vector<std::string>& keys) const;

  Desk& desk_;
  Releaser& releaser_;
  wire::TopicNames topics_;
};

}  // namespace aftercall::control
