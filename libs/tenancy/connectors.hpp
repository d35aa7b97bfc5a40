#pragma once
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "crm/connector.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::tenancy {

// Shared: who is in the middle of a call keeps the connector that it began with.
using ConnectorPtr = std::shared_ptr<crm::Connector>;

// One connector for each connection in use, built from the catalog and built anew when the connection's
// record has changed. Used by one thread; `client` outlives this.
class Connectors {
 public:
  using Find = std::function<const crm::Entry*(std::string_view crm)>;
  using Tokens = std::function<crm::TokenSource(const Connection& connection)>;

  Connectors(http::Client& client, Tokens tokens, Find find = crm::find)
      : client_(client), tokens_(std::move(tokens)), find_(std::move(find)) {}

  // NeedsNewerStage when this release has no such connector.
  Result<ConnectorPtr> of(const ConnectionPtr& connection);

 private:
  struct Built {
    ConnectionPtr from;
    ConnectorPtr connector;
  };
  http::Client& client_;
  Tokens tokens_;
  Find find_;
  std::map<std::pair<TenantId, ConnectionId>, Built> built_;
};

// Who carries out a unit's requests.
struct Serving {
  ConnectionPtr connection;
  ConnectorPtr connector;
};
// The preferred connection of this account if it is healthy, else another one; refuses an account that has
// become another tenant's meanwhile.
Result<Serving> serving(const Directory& directory, Connectors& connectors, const TenantId& tenant,
                        const CrmAccount& account, const ConnectionId& preferred);

}  // namespace aftercall::tenancy
