#include "wire/session_finished.hpp"

#include "wire/time.hpp"

namespace aftercall::wire {

Told told_by(const v1::Session& session) {
  Told told;
  told.session_id = session.session_id();
  if (session.has_revision()) told.revision = session.revision();
  if (session.has_updated_at()) told.updated_at = read_time(session.updated_at());
  for (const auto& participant : session.participants()) told.phones.push_back(participant.phone());
  return told;
}

std::string session_finished(v1::Session session, const Acceptance& acceptance) {
  session.set_tenant(acceptance.tenant.str());
  session.set_source(acceptance.source.str());
  session.set_content_hash(acceptance.content_hash);
  write_time(*session.mutable_accepted_at(), acceptance.at);
  for (int i = 0; i < session.participants_size(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (index < acceptance.phones.size())
      session.mutable_participants(i)->set_phone_e164(acceptance.phones[index]);
  }
  v1::SessionFinished event;
  *event.mutable_session() = std::move(session);
  return event.SerializeAsString();
}

}  // namespace aftercall::wire
