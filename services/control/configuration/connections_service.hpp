#pragma once
#include "control/configuration/configuration_service.hpp"

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

}  // namespace aftercall::control
