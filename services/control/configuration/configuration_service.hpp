#pragma once
#include "aftercall/control/v1/control.grpc.pb.h"
#include "control/configuration/changes.hpp"
#include "control/configuration/messages.hpp"
#include "control/desk.hpp"
#include "control/sign_in/sign_ins.hpp"

namespace aftercall::control {

// What the services of the API work with; all of it outlives them.
struct Workshop {
  Desk& desk;
  const tenancy::Directory& directory;
  const Vault& vault;
  Changes& changes;
  SignIns& sign_ins;
  Connecting& connecting;
  crm::AddressRules rules;
  std::function<const crm::Entry*(std::string_view crm)> find;
};

class ConfigurationService final : public api::Configuration::Service {
 public:
  explicit ConfigurationService(Workshop shop) : shop_(std::move(shop)) {}
  grpc::Status Apply(grpc::ServerContext* context, const api::ApplyRequest* request,
                     api::ApplyResponse* response) override;

 private:
  asio::awaitable<Result<api::ApplyResponse>> apply(api::ApplyRequest request, Caller caller,
                                                    bus::Deadline deadline);
  Surroundings surroundings() const;
  Workshop shop_;
};

class TenantsService final : public api::Tenants::Service {
 public:
  explicit TenantsService(Workshop shop) : shop_(std::move(shop)) {}
  grpc::Status Get(grpc::ServerContext* context, const api::GetTenantRequest* request,
                   api::TenantRecord* response) override;
  grpc::Status List(grpc::ServerContext* context, const api::ListTenantsRequest* request,
                    api::ListTenantsResponse* response) override;
  grpc::Status Delete(grpc::ServerContext* context, const api::DeleteTenantRequest* request,
                      api::DeleteResponse* response) override;

 private:
  Workshop shop_;
};

class SourcesService final : public api::Sources::Service {
 public:
  explicit SourcesService(Workshop shop) : shop_(std::move(shop)) {}
  grpc::Status Get(grpc::ServerContext* context, const api::GetSourceRequest* request,
                   api::SourceRecord* response) override;
  grpc::Status List(grpc::ServerContext* context, const api::ListSourcesRequest* request,
                    api::ListSourcesResponse* response) override;
  grpc::Status Delete(grpc::ServerContext* context, const api::DeleteSourceRequest* request,
                      api::DeleteResponse* response) override;

 private:
  Workshop shop_;
};

// Takes away one object, for each service's Delete.
asio::awaitable<Result<api::DeleteResponse>> remove(Workshop shop, Name name,
                                                    std::optional<std::int64_t> expected, Caller caller,
                                                    bus::Deadline deadline);

// The tenants that a list's filter names: one, or all when it is empty.
std::vector<TenantId> tenants_named(const tenancy::Directory& directory, const std::string& tenant);

template <class Request>
std::optional<std::int64_t> expected_in(const Request& request) {
  if (!request.has_expected_version()) return std::nullopt;
  return request.expected_version();
}

}  // namespace aftercall::control
