#pragma once
#include <string>
#include <utility>
#include <vector>

#include "policy/digest.hpp"
#include "tenancy/directory.hpp"
#include "wire/tenant_config.hpp"

// For tests: two tenants and their sources, as tenant.config tells them. The key of a source is "key-of-" and
// its name.
namespace aftercall::ingest {

inline Record tenant_record(const std::string& id, const std::string& region, bool paused) {
  Tenant tenant;
  tenant.id = TenantId(id);
  tenant.region = region;
  tenant.paused = paused;
  wire::v1::TenantConfig message;
  *message.mutable_tenant() = wire::to_wire(tenant);
  Record record;
  record.key = tenancy::config_record::key(tenancy::config_record::tenant, tenant.id, id);
  record.value = message.SerializeAsString();
  return record;
}

inline Record source_record(const std::string& tenant, const std::string& id,
                            const std::vector<std::string>& keys, Revisions revisions,
                            bool disabled = false) {
  Source source;
  source.tenant = TenantId(tenant);
  source.id = SourceId(id);
  for (const auto& key : keys) source.key_hashes.push_back(sha256_hex(key));
  source.revisions = revisions;
  source.disabled = disabled;
  wire::v1::TenantConfig message;
  *message.mutable_source() = wire::to_wire(source);
  Record record;
  record.key = tenancy::config_record::key(tenancy::config_record::source, source.tenant, id);
  record.value = message.SerializeAsString();
  return record;
}

inline std::vector<Record> test_records() {
  return {tenant_record("acme", "SE", false),
          tenant_record("paused", "US", true),
          source_record("acme", "meetings", {"key-of-meetings", "next-key-of-meetings"}, Revisions::None),
          source_record("acme", "dialer", {"key-of-dialer"}, Revisions::Number),
          source_record("acme", "dated", {"key-of-dated"}, Revisions::UpdatedAt),
          source_record("acme", "disabled", {"key-of-disabled"}, Revisions::None, true),
          source_record("paused", "meetings", {"key-of-paused"}, Revisions::None),
          source_record("nobody", "meetings", {"key-of-nobody"}, Revisions::None)};
}

inline tenancy::Directory test_directory() {
  tenancy::Directory directory;
  for (const auto& record : test_records()) directory.apply(record);
  return directory;
}

}  // namespace aftercall::ingest
