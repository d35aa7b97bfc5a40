#include "ingest/waiting.hpp"

namespace aftercall::ingest {

// The last one in may go beyond the bytes' bound: a request larger than what is left must not starve.
Waiting::Verdict Waiting::admit(const TenantId& tenant, std::size_t bytes) {
  if (full()) return Verdict::Full;
  const auto at = by_tenant_.find(tenant);
  const Load load = at == by_tenant_.end() ? Load{} : at->second;
  if (load.requests >= (bounds_.requests + 1) / 2 || load.bytes >= bounds_.bytes / 2)
    return Verdict::TenantFull;
  by_tenant_[tenant] = {load.requests + 1, load.bytes + bytes};
  ++all_.requests;
  all_.bytes += bytes;
  return Verdict::Admitted;
}

void Waiting::release(const TenantId& tenant, std::size_t bytes) {
  const auto at = by_tenant_.find(tenant);
  if (at == by_tenant_.end()) return;
  --all_.requests;
  all_.bytes -= bytes;
  at->second.bytes -= bytes;
  if (--at->second.requests == 0) by_tenant_.erase(at);
}

}  // namespace aftercall::ingest
