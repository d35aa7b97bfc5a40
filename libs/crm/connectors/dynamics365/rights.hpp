#pragma once
#include <array>
#include <string>
#include <vector>

#include "domain/capabilities.hpp"
#include "domain/failure.hpp"
#include "http/message.hpp"
#include "operation.hpp"

// Who we are in an organisation, what we may do there and how much fits: asked and read, pure.
namespace aftercall::crm::dynamics365 {

Operation who_am_i();

struct Identity {
  std::string user, organisation;
};
Result<Identity> read_identity(const http::Response& answer);

// Asked all at once, once it is known who asks.
enum class Probe { Privileges, Title, Text, Appointments, Contacts, Notes, Email };
inline constexpr std::array every_probe{Probe::Privileges, Probe::Title, Probe::Text, Probe::Appointments,
                                        Probe::Contacts,   Probe::Notes, Probe::Email};
Operation operation_for(Probe probe, const std::string& user_id);

// The answers to every_probe, in its order. A probe that failed narrows what we can do there; only a failure
// that says nothing (a time-out) fails the whole.
struct Rights {
  Capabilities capabilities;
  std::vector<std::string> missing;
};
Result<Rights> read_rights(const std::vector<Result<http::Response>>& probes, Instant now);

}  // namespace aftercall::crm::dynamics365
