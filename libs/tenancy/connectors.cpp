#include "tenancy/connectors.hpp"

namespace aftercall::tenancy {

Result<ConnectorPtr> Connectors::of(const ConnectionPtr& connection) {
  Built& built = built_[{connection->tenant, connection->id}];
  if (built.from == connection) return built.connector;
  const crm::Entry* entry = find_(connection->crm);
  if (entry == nullptr)
    return fail(Cause::NeedsNewerStage, "this release has no connector for " + connection->crm);
  built = {connection, ConnectorPtr(entry->make(*connection, tokens_(*connection), client_))};
  return built.connector;
}

}  // namespace aftercall::tenancy
