#include "control/configuration/connections_service.hpp"

namespace aftercall::control {
namespace {

Result<api::ConnectionRecord> find_connection(const tenancy::Directory& directory, const TenantId& tenant,
                                              const ConnectionId& id) {
  const auto connection = directory.connection(tenant, id);
  if (!connection) return fail(Cause::NotFound, "there is no connection " + id.str());
  return record_of(*connection, directory.version_of(name_of(*connection).key()));
}

Result<api::ListConnectionsResponse> list_connections(const tenancy::Directory& directory,
                                                      const std::string& tenant) {
  api::ListConnectionsResponse all;
  for (const auto& id : tenants_named(directory, tenant))
    for (const auto& connection : directory.connections(id))
      *all.add_connections() = record_of(*connection, directory.version_of(name_of(*connection).key()));
  return all;
}

asio::awaitable<Result<api::ConnectResponse>> connect(Workshop shop, TenantId tenant, ConnectionId id,
                                                      Occasion occasion, Caller caller,
                                                      bus::Deadline deadline) {
  const Result<Connected> done =
      co_await shop.connecting.connect(tenant, id, occasion, caller.name, deadline);
  if (!done) co_return tl::unexpected(done.error());
  api::ConnectResponse response;
  *response.mutable_connection() =
      record_of(*done->connection, shop.directory.version_of(name_of(*done->connection).key()));
  response.set_company(done->company);
  for (const auto& right : done->missing) response.add_missing(right);
  co_return response;
}

asio::awaitable<Result<api::ConnectionRecord>> disconnect(Workshop shop, TenantId tenant, ConnectionId id,
                                                          Caller caller, bus::Deadline deadline) {
  const Result<Connected> done = co_await shop.connecting.disconnect(tenant, id, caller.name, deadline);
  if (!done) co_return tl::unexpected(done.error());
  co_return record_of(*done->connection, shop.directory.version_of(name_of(*done->connection).key()));
}

}  // namespace

grpc::Status ConnectionsService::Get(grpc::ServerContext* context, const api::GetConnectionRequest* request,
                                     api::ConnectionRecord* response) {
  return shop_.desk.read<api::ConnectionRecord>(
      *context, "Connections/Get", *request, response, [this, request = *request] {
        return find_connection(shop_.directory, TenantId(request.tenant()), ConnectionId(request.id()));
      });
}

grpc::Status ConnectionsService::List(grpc::ServerContext* context,
                                      const api::ListConnectionsRequest* request,
                                      api::ListConnectionsResponse* response) {
  return shop_.desk.read<api::ListConnectionsResponse>(
      *context, "Connections/List", *request, response,
      [this, tenant = request->tenant()] { return list_connections(shop_.directory, tenant); });
}

grpc::Status ConnectionsService::Connect(grpc::ServerContext* context, const api::ConnectRequest* request,
                                         api::ConnectResponse* response) {
  return shop_.desk.serve<api::ConnectResponse>(
      *context, "Connections/Connect", *request, response,
      [this, request = *request](Caller caller, bus::Deadline deadline) {
        return connect(shop_, TenantId(request.tenant()), ConnectionId(request.id()), Occasion::Connect,
                       std::move(caller), deadline);
      });
}

grpc::Status ConnectionsService::Probe(grpc::ServerContext* context, const api::ProbeRequest* request,
                                       api::ConnectResponse* response) {
  return shop_.desk.serve<api::ConnectResponse>(
      *context, "Connections/Probe", *request, response,
      [this, request = *request](Caller caller, bus::Deadline deadline) {
        return connect(shop_, TenantId(request.tenant()), ConnectionId(request.id()), Occasion::Probe,
                       std::move(caller), deadline);
      });
}

grpc::Status ConnectionsService::Disconnect(grpc::ServerContext* context,
                                            const api::DisconnectRequest* request,
                                            api::ConnectionRecord* response) {
  return shop_.desk.serve<api::ConnectionRecord>(
      *context, "Connections/Disconnect", *request, response,
      [this, request = *request](Caller caller, bus::Deadline deadline) {
        return disconnect(shop_, TenantId(request.tenant()), ConnectionId(request.id()), std::move(caller),
                          deadline);
      });
}

grpc::Status ConnectionsService::Delete(grpc::ServerContext* context,
                                        const api::DeleteConnectionRequest* request,
                                        api::DeleteResponse* response) {
  Name name{"connection", TenantId(request->tenant()), request->id()};
  return shop_.desk.serve<api::DeleteResponse>(
      *context, "Connections/Delete", *request, response,
      [this, name, expected = expected_in(*request)](Caller caller, bus::Deadline deadline) {
        return remove(shop_, name, expected, std::move(caller), deadline);
      });
}

}  // namespace aftercall::control
