#pragma once
#include <optional>
#include <string>

#include "config/tree.hpp"
#include "http/client.hpp"
#include "process/host.hpp"
#include "tenancy/connectors.hpp"
#include "tenancy/lease.hpp"

namespace aftercall::process {

struct CrmSettings {
  http::ClientSettings http;
  tenancy::LeaseSettings lease;
};
CrmSettings read_crm(const config::Tree& tree);  // [http], and [control] for the tokens

// How a stage reaches its tenants' CRMs: connectors whose tokens are leased from control.
class CrmAccess {
 public:
  CrmAccess(asio::any_io_executor executor, const CrmSettings& settings);
  CrmAccess(const CrmAccess&) = delete;
  CrmAccess& operator=(const CrmAccess&) = delete;

  tenancy::Connectors& connectors() { return connectors_; }
  // Why no CRM at all can be reached: the stage halts meanwhile.
  std::optional<std::string> none_left() { return leases_.none_left(); }

 private:
  http::Client client_;
  tenancy::Leases leases_;
  tenancy::Connectors connectors_;
};

}  // namespace aftercall::process
