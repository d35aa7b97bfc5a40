#pragma once
#include "control/configuration_service.hpp"

namespace aftercall::control {

class ConnectionsService final : public api::Connections::Service {
 public:
  explicit ConnectionsService(Workshop shop) : shop_(std::move(shop)) {}
  grpc::Status Get(grpc::ServerContext* context, const api::GetConnectionRequest* request,
                   api::ConnectionRecord* response) override;
  grpc::Status List(grpc::ServerContext* context, const api::ListConnectionsRequest* request,
                    api::ListConnectionsResponse* response) override;
  grpc::Status Connect(grpc::ServerContext* context, const api::ConnectRequest* request,
                       api::ConnectResponse* response) override;
  grpc::Status Probe(grpc::ServerContext* context, const api::ProbeRequest* request,
                     api::ConnectResponse* response) override;
  grpc::Status Disconnect(grpc::ServerContext* context, const api::DisconnectRequest* request,
                          api::ConnectionRecord* response) override;
  grpc::Status Delete(grpc::ServerContext* context, const api::DeleteConnectionRequest* request,
                      api::DeleteResponse* response) override;

 private:
  Workshop shop_;
};

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
