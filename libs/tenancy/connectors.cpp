#include "tenancy/connectors.hpp"

#include "tenancy/metered.hpp"

namespace aftercall::tenancy {

Result<ConnectorPtr> Connectors::of(const ConnectionPtr& connection) {
  Built& built = built_[{connection->tenant, connection->id}];
  if (built.from == connection) return built.connector;
  const crm::Entry* entry = find_(connection->crm);
  if (entry == nullptr)
    return fail(Cause::NeedsNewerStage, "this release has no connector for " + connection->crm);
  built = {connection,
           ConnectorPtr(metered(connection->crm, entry->make(*connection, tokens_(*connection), client_)))};
  return built.connector;
}

Result<Serving> serving(const Directory& directory, Connectors& connectors, const TenantId& tenant,
                        const CrmAccount& account, const ConnectionId& preferred) {
  auto connection = directory.serving(account, preferred);
  if (!connection) return tl::unexpected(connection.error());
  if ((*connection)->tenant != tenant)
    return fail(Cause::SetupIncomplete, "this CRM account belongs to another tenant now");
  auto connector = connectors.of(*connection);
  if (!connector) return tl::unexpected(connector.error());
  return Serving{std::move(*connection), std::move(*connector)};
}

}  // namespace aftercall::tenancy
