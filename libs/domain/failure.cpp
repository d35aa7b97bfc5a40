#include "domain/failure.hpp"

#include <array>
#include <utility>

namespace aftercall {
namespace {

constexpr std::array<std::pair<Cause, std::string_view>, 19> names{{
    {Cause::Unreachable, "unreachable"},
    {Cause::Timeout, "timeout"},
    {Cause::RateLimited, "rate_limited"},
    {Cause::ServerError, "server_error"},
    {Cause::NoLease, "no_lease"},
    {Cause::Paced, "paced"},
    {Cause::NoTenant, "no_tenant"},
    {Cause::Unanswered, "unanswered"},
    {Cause::Malformed, "malformed"},
    {Cause::Rejected, "rejected"},
    {Cause::NotFound, "not_found"},
    {Cause::TooLong, "too_long"},
    {Cause::Crashed, "crashed"},
    {Cause::Expired, "expired"},
    {Cause::NotAuthorized, "not_authorized"},
    {Cause::NotPermitted, "not_permitted"},
    {Cause::SetupIncomplete, "setup_incomplete"},
    {Cause::Paused, "paused"},
    {Cause::NeedsNewerStage, "needs_newer_stage"},
}};

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::Transient:
      return "waiting";  // what a unit that met it is, from outside
    case Kind::InDoubt:
      return "in_doubt";
    case Kind::Permanent:
      return "dead";
    case Kind::Blocked:
      return "blocked";
  }
  return "";
}

std::string_view name_of(Cause cause) {
  for (const auto& [candidate, name] : names)
    if (candidate == cause) return name;
  return "";
}

std::optional<Cause> cause_named(std::string_view name) {
  for (const auto& [cause, candidate] : names)
    if (candidate == name) return cause;
  return std::nullopt;
}

}  // namespace aftercall
