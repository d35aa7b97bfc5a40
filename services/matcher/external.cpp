#include "matcher/external.hpp"

#include <algorithm>

#include "identity/email.hpp"
#include "identity/phone.hpp"

namespace aftercall::matcher {
namespace {

bool is_presenter(const Participant& participant, const std::string& email, const std::string& presenter) {
  if (presenter.empty()) return false;
  const auto presenter_email = identity::normalise_email(presenter);
  if (presenter_email) return !email.empty() && email == *presenter_email;
  return participant.name == presenter;
}

bool of_the_tenant(const std::string& email, const Tenant& tenant) {
  if (email.empty()) return false;
  const auto domain = identity::domain_of(email);
  return std::find(tenant.domains.begin(), tenant.domains.end(), domain) != tenant.domains.end();
}

bool is_internal(const Participant& participant, const std::string& email, const Session& session,
                 const Tenant& tenant) {
  if (participant.role == Role::AiAgent || participant.role == Role::HumanAgent) return true;
  if (participant.side != Side::Unspecified) return participant.side == Side::Internal;
  return is_presenter(participant, email, session.presenter) || of_the_tenant(email, tenant);
}

// Both addresses, as far as they can be read, and why neither could.
External read(const Participant& participant, std::size_t index, const Tenant& tenant) {
  External external;
  external.participant = index;
  const auto email = identity::normalise_email(participant.email);
  if (email) external.email = *email;
  const auto given = participant.phone_e164.empty() ? participant.phone : participant.phone_e164;
  const auto phone = identity::to_e164(given, tenant.region);
  if (phone) external.phone = *phone;
  if (!external.identity().empty()) return external;
  if (!participant.email.empty())
    external.unreadable = email.error().detail;
  else if (!given.empty())
    external.unreadable = phone.error().detail;
  else
    external.unreadable = "neither e-mail nor phone was given";
  return external;
}

}  // namespace

std::vector<External> externals_of(const Session& session, const Tenant& tenant) {
  std::vector<External> externals;
  for (std::size_t i = 0; i < session.participants.size(); ++i) {
    auto external = read(session.participants[i], i, tenant);
    if (!is_internal(session.participants[i], external.email, session, tenant))
      externals.push_back(std::move(external));
  }
  return externals;
}

}  // namespace aftercall::matcher
