#include "formatter/new_contact.hpp"

#include "policy/keys.hpp"
#include "render/text.hpp"

namespace aftercall::formatter {
namespace {

Person person_of(const Session& session, const ParticipantMatch& match) {
  const bool by_email = match.identity.find('@') != std::string::npos;
  Person person;
  person.looked_at = match.looked_at;
  if (match.participant < session.participants.size()) {
    person.name = render::one_line(session.participants[match.participant].name);
    person.phone = session.participants[match.participant].phone_e164;
  }
  (by_email ? person.email : person.phone) = match.identity;
  if (person.name.empty()) person.name = match.identity;  // a CRM wants one
  return person;
}

}  // namespace

Artifact new_contact(const Session& session, const CrmAccount& account, const ParticipantMatch& match) {
  Artifact artifact;
  artifact.kind = ArtifactKind::Contact;
  artifact.slot = match.identity;
  artifact.key = contact_key(account, session.key.tenant, match.identity);
  artifact.person = person_of(session, match);
  return artifact;
}

}  // namespace aftercall::formatter
