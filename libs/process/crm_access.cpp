#include "process/crm_access.hpp"

#include "process/sections.hpp"
#include "tenancy/lease_section.hpp"
#include "tenancy/tokens.hpp"

// Apart from what every stage needs: only who uses this links what leases are asked for with.
namespace aftercall::process {

CrmSettings read_crm(const config::Tree& tree) { return {read_http(tree), tenancy::read_lease(tree)}; }

CrmAccess::CrmAccess(asio::any_io_executor executor, const CrmSettings& settings)
    : client_(executor, settings.http),
      leases_(executor, settings.lease),
      connectors_(client_, tenancy::tokens_from(leases_)) {}

}  // namespace aftercall::process
