#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/failure.hpp"
#include "domain/record.hpp"
#include "domain/tenant.hpp"

namespace aftercall::tenancy {

// Shared, so that a step which holds one across a wait is not surprised by a change; a changed record is
// another object, which is how Connectors sees that it must build anew.
using TenantPtr = std::shared_ptr<const Tenant>;
using SourcePtr = std::shared_ptr<const Source>;
using ConnectionPtr = std::shared_ptr<const Connection>;

enum class Applied {
  Changed,
  Stale,      // written by an owner that had already been replaced: not believed
  NotKnown,   // of a newer release: what was known of this key stays
  Malformed,  // means nothing: what was known of this key stays
};

// What tenant.config says, as a pure function of its records in their order. Used by one thread.
class Directory {
 public:
  Applied apply(const Record& record);

  TenantPtr tenant(const TenantId& id) const;
  SourcePtr source(const TenantId& tenant, const SourceId& id) const;
  ConnectionPtr connection(const TenantId& tenant, const ConnectionId& id) const;
  // The source whose API key has this SHA-256 (hex). It may be disabled, and its tenant unknown or paused.
  SourcePtr source_by_key_hash(std::string_view hash) const;

  std::vector<TenantPtr> tenants() const;
  std::vector<SourcePtr> sources(const TenantId& tenant) const;
  std::vector<ConnectionPtr> connections(const TenantId& tenant) const;
  // Each once. A connection that was never connected has none yet: a tenant with connections but no account
  // is not set up (why_none), one without connections has no CRM at all.
  std::vector<CrmAccount> accounts(const TenantId& tenant) const;
  std::vector<ConnectionPtr> connections_of(const CrmAccount& account) const;
  // The preferred connection if it is healthy, else the first healthy one of the same account (by id); else
  // which blocking cause. A paused tenant has none.
  Result<ConnectionPtr> serving(const CrmAccount& account, const ConnectionId& preferred) const;
  Failure why_none(const TenantId& tenant) const;

  // The tenant whose account this is; empty if nobody's.
  TenantId holder(const CrmAccount& account) const;

  std::int64_t version() const { return version_; }  // grows with each record; the same in every process
  std::int64_t owner_epoch() const { return owner_epoch_; }  // the highest that was seen
  const std::string& owner() const { return owner_; }   // address of the owner that announced itself last
  std::int64_t version_of(std::string_view key) const;  // of one record; 0 = not there
  Instant written_at(std::string_view key) const;       // when it was last changed; zero = not there

 private:
  using Key = std::pair<std::string, std::string>;  // tenant, id
  Applied keep(const Record& record, std::string_view kind, const Key& key);
  Applied put(Result<Tenant> tenant, const Key& key, std::int64_t version);
  Applied put(Result<Source> source, const Key& key);
  Applied put(Result<Connection> connection, const Key& key);
  void forget(std::string_view kind, const Key& key);
  void drop_hashes(const Key& source);

  std::map<std::string, TenantPtr> tenants_;
  std::map<Key, SourcePtr> sources_;
  std::map<Key, ConnectionPtr> connections_;
  std::map<std::string, std::set<Key>, std::less<>> by_hash_;
  struct Written {
    std::int64_t version = 0;
    Instant at{};
  };
  std::map<std::string, Written, std::less<>> written_;
  std::int64_t version_ = 0;
  std::int64_t owner_epoch_ = 0;
  std::string owner_;
};

// What blocks a connection that does not serve.
Failure why_not(const Connection& connection);

// Keys and headers of tenant.config, which control writes.
namespace config_record {
inline constexpr std::string_view tenant = "tenant";
inline constexpr std::string_view source = "source";
inline constexpr std::string_view connection = "connection";
// Not a tenant's: the owner's claim, a value without a record and the owner's address as a header.
inline constexpr std::string_view owner_key = "-/owner/config";
inline constexpr std::string_view epoch_header =
    "ac-owner-epoch";                                     // on tombstones, which have no value to say it
std::int64_t epoch_of_tombstone(const Headers& headers);  // 0 = none is named
inline constexpr std::string_view owner_header = "ac-owner";
std::string key(std::string_view kind, const TenantId& whose, std::string_view id);
}  // namespace config_record

}  // namespace aftercall::tenancy
