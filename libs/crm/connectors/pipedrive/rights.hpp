#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "crm/connector.hpp"
#include "operation.hpp"

// Who we are at Pipedrive, and what we may do there.
namespace aftercall::crm::pipedrive {

struct User {
  std::int64_t id = 0;
  std::int64_t company = 0;
  std::string company_name;
};
Result<User> read_user(const http::Response& answer);

// What tells more than who we are. Rights to write cannot be seen without writing; an OAuth sign-in's scopes
// are looked at in its answer.
enum class Probe { ActivityTypes, Persons, Deals };
inline constexpr std::array every_probe{Probe::ActivityTypes, Probe::Persons, Probe::Deals};
Operation operation_for(Probe probe);

// Those in use, in the order in which people see them.
Result<std::vector<ActivityType>> read_activity_types(const http::Response& answer);

// The answers to every_probe, in its order. A probe that was refused narrows what we can do there; only a
// failure that says nothing (a time-out) fails the whole.
struct Rights {
  Capabilities capabilities;
  std::vector<std::string> missing;
};
Result<Rights> read_rights(const std::vector<Result<http::Response>>& probes, Instant now);

}  // namespace aftercall::crm::pipedrive
