#include "control/connections_service.hpp"

#include "wire/time.hpp"

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
                                                      bool afresh, Caller caller, bus::Deadline deadline) {
  const Result<Connected> done = co_await shop.connecting.connect(tenant, id, afresh, caller.name, deadline);
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

void refuse(api::LeaseResponse& response, const Failure& why) {
  response.mutable_refusal()->set_cause(std::string(name_of(why.cause)));
  response.mutable_refusal()->set_detail(why.detail);
  if (why.retry_after) response.mutable_refusal()->set_retry_after_ms(why.retry_after->count());
}

void grant(api::LeaseResponse& response, const tenancy::HeldLease& held) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(held.ends - std::chrono::steady_clock::now());
  auto& lease = *response.mutable_lease();
  lease.set_id(held.id);
  lease.set_access_token(std::string(held.token.reveal()));
  lease.set_valid_for_ms(left.count());
  wire::write_time(*lease.mutable_expires_at(), truncate(std::chrono::system_clock::now() + left));
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
        return connect(shop_, TenantId(request.tenant()), ConnectionId(request.id()), true, std::move(caller),
                       deadline);
      });
}

grpc::Status ConnectionsService::Probe(grpc::ServerContext* context, const api::ProbeRequest* request,
                                       api::ConnectResponse* response) {
  return shop_.desk.serve<api::ConnectResponse>(
      *context, "Connections/Probe", *request, response,
      [this, request = *request](Caller caller, bus::Deadline deadline) {
        return connect(shop_, TenantId(request.tenant()), ConnectionId(request.id()), false,
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

// By the owner alone: two instances that refresh one connection would each make the other's refresh token
// worthless.
asio::awaitable<Result<api::LeaseResponse>> CredentialsService::lease(api::LeaseRequest request,
                                                                      bus::Deadline deadline) {
  const Result<void> owner = co_await ownership_.settled(deadline);
  if (!owner) co_return tl::unexpected(owner.error());
  api::LeaseResponse response;
  const TenantId tenant(request.tenant());
  const auto connection = shop_.directory.connection(tenant, ConnectionId(request.connection()));
  if (!connection) co_return fail(Cause::NotFound, "there is no connection " + request.connection());
  if (connection->status != ConnectionStatus::Connected) {
    refuse(response, tenancy::why_not(*connection));
    co_return response;
  }
  const Result<tenancy::HeldLease> held = co_await shop_.sign_ins.lease(connection, request.refused_lease());
  if (held)
    grant(response, *held);
  else
    refuse(response, held.error());
  co_return response;
}

grpc::Status CredentialsService::Lease(grpc::ServerContext* context, const api::LeaseRequest* request,
                                       api::LeaseResponse* response) {
  return shop_.desk.serve<api::LeaseResponse>(
      *context, "Credentials/Lease", *request, response,
      [this, request = *request](const Caller&, bus::Deadline deadline) { return lease(request, deadline); });
}

}  // namespace aftercall::control
