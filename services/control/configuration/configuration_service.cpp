#include "control/configuration/configuration_service.hpp"

namespace aftercall::control {
namespace {

tl::unexpected<Failure> missing(const Name& name) {
  return fail(Cause::NotFound, "there is no " + name.kind + " " + name.id);
}

Result<api::TenantRecord> find_tenant(const tenancy::Directory& directory, const TenantId& id) {
  const auto tenant = directory.tenant(id);
  if (!tenant) return missing({"tenant", id, id.str()});
  return record_of(*tenant, tenant->version);
}

Result<api::ListTenantsResponse> list_tenants(const tenancy::Directory& directory) {
  api::ListTenantsResponse all;
  for (const auto& tenant : directory.tenants()) *all.add_tenants() = record_of(*tenant, tenant->version);
  return all;
}

Result<api::SourceRecord> find_source(const tenancy::Directory& directory, const TenantId& tenant,
                                      const SourceId& id) {
  const auto source = directory.source(tenant, id);
  if (!source) return missing({"source", tenant, id.str()});
  return record_of(*source, directory.version_of(name_of(*source).key()));
}

Result<api::ListSourcesResponse> list_sources(const tenancy::Directory& directory,
                                              const std::string& tenant) {
  api::ListSourcesResponse all;
  for (const auto& id : tenants_named(directory, tenant))
    for (const auto& source : directory.sources(id))
      *all.add_sources() = record_of(*source, directory.version_of(name_of(*source).key()));
  return all;
}

}  // namespace

std::vector<TenantId> tenants_named(const tenancy::Directory& directory, const std::string& tenant) {
  if (!tenant.empty()) return {TenantId(tenant)};
  std::vector<TenantId> all;
  for (const auto& each : directory.tenants()) all.push_back(each->id);
  return all;
}

asio::awaitable<Result<api::DeleteResponse>> remove(Workshop shop, Name name,
                                                    std::optional<std::int64_t> expected, Caller caller,
                                                    bus::Deadline deadline) {
  Changes::Decide decide = [&directory = shop.directory, name, expected] {
    return decide_removal(directory, name, expected);
  };
  const Result<Decision> done = co_await shop.changes.carry_out(std::move(decide), caller.name, deadline);
  if (!done) co_return tl::unexpected(done.error());
  if (name.kind == "connection") shop.sign_ins.forget(name.tenant, ConnectionId(name.id));
  co_return api::DeleteResponse();
}

Surroundings ConfigurationService::surroundings() const {
  return {truncate(std::chrono::system_clock::now()), shop_.rules, shop_.find,
          [this](const TenantId& tenant, const ConnectionId& connection) -> std::optional<crm::Credentials> {
            auto stored = shop_.vault.credentials(tenant, connection);
            if (!stored) return std::nullopt;
            return std::move(*stored);
          },
          random_bytes};
}

asio::awaitable<Result<api::ApplyResponse>> ConfigurationService::apply(api::ApplyRequest request,
                                                                        Caller caller,
                                                                        bus::Deadline deadline) {
  const Result<Wanted> wanted = wanted_of(request);
  if (!wanted) co_return tl::unexpected(wanted.error());
  Decision whole;  // with what a dry run decides and does not do
  Changes::Decide decide = [this, &wanted, &whole, dry_run = request.dry_run()]() -> Result<Decision> {
    whole = control::decide(shop_.directory, *wanted, surroundings());
    return dry_run ? Decision{whole.problems, {}, {}, {}, {}} : whole;
  };
  const Result<Decision> done = co_await shop_.changes.carry_out(std::move(decide), caller.name, deadline);
  if (!done) co_return tl::unexpected(done.error());
  for (const auto& secret : done->secrets) shop_.sign_ins.forget(secret.tenant, secret.connection);
  for (const auto& write : done->writes)
    if (write.name.kind == "connection")
      shop_.sign_ins.forget(write.name.tenant, ConnectionId(write.name.id));
  if (request.dry_run())
    for (auto& change : whole.changes) change.generated_key = Secret();
  co_return response_of(whole);
}

grpc::Status ConfigurationService::Apply(grpc::ServerContext* context, const api::ApplyRequest* request,
                                         api::ApplyResponse* response) {
  return shop_.desk.serve<api::ApplyResponse>(
      *context, "Configuration/Apply", *request, response,
      [this, request = *request](Caller caller, bus::Deadline deadline) {
        return apply(request, std::move(caller), deadline);
      });
}

grpc::Status TenantsService::Get(grpc::ServerContext* context, const api::GetTenantRequest* request,
                                 api::TenantRecord* response) {
  return shop_.desk.read<api::TenantRecord>(
      *context, "Tenants/Get", *request, response,
      [this, id = TenantId(request->tenant())] { return find_tenant(shop_.directory, id); });
}

grpc::Status TenantsService::List(grpc::ServerContext* context, const api::ListTenantsRequest* request,
                                  api::ListTenantsResponse* response) {
  return shop_.desk.read<api::ListTenantsResponse>(*context, "Tenants/List", *request, response,
                                                   [this] { return list_tenants(shop_.directory); });
}

grpc::Status TenantsService::Delete(grpc::ServerContext* context, const api::DeleteTenantRequest* request,
                                    api::DeleteResponse* response) {
  Name name{"tenant", TenantId(request->tenant()), request->tenant()};
  return shop_.desk.serve<api::DeleteResponse>(
      *context, "Tenants/Delete", *request, response,
      [this, name, expected = expected_in(*request)](Caller caller, bus::Deadline deadline) {
        return remove(shop_, name, expected, std::move(caller), deadline);
      });
}

grpc::Status SourcesService::Get(grpc::ServerContext* context, const api::GetSourceRequest* request,
                                 api::SourceRecord* response) {
  return shop_.desk.read<api::SourceRecord>(
      *context, "Sources/Get", *request, response, [this, request = *request] {
        return find_source(shop_.directory, TenantId(request.tenant()), SourceId(request.id()));
      });
}

grpc::Status SourcesService::List(grpc::ServerContext* context, const api::ListSourcesRequest* request,
                                  api::ListSourcesResponse* response) {
  return shop_.desk.read<api::ListSourcesResponse>(
      *context, "Sources/List", *request, response,
      [this, tenant = request->tenant()] { return list_sources(shop_.directory, tenant); });
}

grpc::Status SourcesService::Delete(grpc::ServerContext* context, const api::DeleteSourceRequest* request,
                                    api::DeleteResponse* response) {
  Name name{"source", TenantId(request->tenant()), request->id()};
  return shop_.desk.serve<api::DeleteResponse>(
      *context, "Sources/Delete", *request, response,
      [this, name, expected = expected_in(*request)](Caller caller, bus::Deadline deadline) {
        return remove(shop_, name, expected, std::move(caller), deadline);
      });
}

}  // namespace aftercall::control
