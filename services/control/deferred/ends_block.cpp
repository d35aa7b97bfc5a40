#include "control/deferred/ends_block.hpp"

#include <algorithm>
#include <vector>

namespace aftercall::control {
namespace {

namespace config = tenancy::config_record;

// An event as a whole waits for any connection of its tenant.
std::vector<tenancy::ConnectionPtr> connected_for(const Deferral& deferral,
                                                  const tenancy::Directory& directory) {
  auto all = directory.connections(deferral.tenant);
  std::erase_if(all, [&](const tenancy::ConnectionPtr& each) {
    const bool serves = deferral.unit.empty() || each->account == deferral.unit;
    return !serves || each->status != ConnectionStatus::Connected;
  });
  return all;
}

std::optional<Instant> connected_at(const Deferral& deferral, const tenancy::Directory& directory) {
  std::optional<Instant> latest;
  for (const auto& each : connected_for(deferral, directory))
    latest = std::max(latest.value_or(each->since), each->since);
  return latest;
}

std::optional<Instant> set_up_at(const Deferral& deferral, const tenancy::Directory& directory) {
  auto latest = connected_at(deferral, directory);
  if (!latest) return std::nullopt;
  for (const auto& each : connected_for(deferral, directory))
    latest = std::max(*latest,
                      directory.written_at(config::key(config::connection, deferral.tenant, each->id.str())));
  return std::max(*latest,
                  directory.written_at(config::key(config::tenant, deferral.tenant, deferral.tenant.str())));
}

// That it is not paused now, and was when the unit was deferred, says that it was resumed; the record says
// when at the latest.
std::optional<Instant> resumed_at(const Deferral& deferral, const tenancy::Directory& directory) {
  const auto tenant = directory.tenant(deferral.tenant);
  if (!tenant || tenant->paused) return std::nullopt;
  return directory.written_at(config::key(config::tenant, deferral.tenant, deferral.tenant.str()));
}

std::optional<Instant> change_for(const Deferral& deferral, const tenancy::Directory& directory) {
  const auto cause = cause_named(deferral.cause);
  if (!cause) return std::nullopt;
  switch (*cause) {
    case Cause::NotAuthorized:
    case Cause::NotPermitted:
      return connected_at(deferral, directory);
    case Cause::SetupIncomplete:
      return set_up_at(deferral, directory);
    case Cause::Paused:
      return resumed_at(deferral, directory);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Instant> ends_block(const Deferral& deferral, const tenancy::Directory& directory) {
  const auto changed = change_for(deferral, directory);
  if (!changed) return std::nullopt;
  if (*changed > deferral.deferred_at) return *changed;
  if (*changed + hearsay > deferral.deferred_at) return *changed + hearsay;
  return std::nullopt;
}

std::optional<Instant> due_of(const Deferral& deferral, const tenancy::Directory& directory) {
  if (!deferral.wanted_by.empty()) return Instant{};
  switch (deferral.kind) {
    case Kind::Transient:
    case Kind::InDoubt:
      return deferral.not_before.value_or(deferral.deferred_at);
    case Kind::Blocked:
      return ends_block(deferral, directory);
    case Kind::Permanent:
      break;
  }
  return std::nullopt;
}

}  // namespace aftercall::control
