#pragma once
#include "control/configuration/configuration_service.hpp"

namespace aftercall::control {

// Leases access tokens to stages.
class CredentialsService final : public api::Credentials::Service {
 public:
  explicit CredentialsService(Workshop shop, Ownership& ownership)
      : shop_(std::move(shop)), ownership_(ownership) {}
  grpc::Status Lease(grpc::ServerContext* context, const api::LeaseRequest* request,
                     api::LeaseResponse* response) override;

 private:
  asio::awaitable<Result<api::LeaseResponse>> lease(api::LeaseRequest request, bus::Deadline deadline);
  Workshop shop_;
  Ownership& ownership_;
};

}  // namespace aftercall::control
