#include "control/sign_in/credentials_service.hpp"

#include "wire/time.hpp"

namespace aftercall::control {
namespace {

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
