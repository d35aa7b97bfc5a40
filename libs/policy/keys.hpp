#pragma once
#include <string>
#include <string_view>

#include "domain/id.hpp"
#include "domain/plan.hpp"
#include "domain/record.hpp"
#include "domain/session.hpp"

// Names that every process computes alike: same key, same effect; same event id, same event. What goes into
// them is fixed for ever: a change would write every record a second time.
namespace aftercall {

// What one record in a CRM is for. Never the record chosen (choices change), never the connection (two
// colleagues' connections to one company leave one note).
struct ArtifactName {
  CrmAccount account;
  SessionKey session;
  ArtifactKind kind = ArtifactKind::Note;
  std::string slot;
  unsigned part = 0;
};
// Part of every key and every ledger name ever made.
std::string_view word_of(ArtifactKind kind);

std::string artifact_key(const ArtifactName& name);

// A created contact belongs to no session: whoever meets the same person creates the same record.
std::string contact_key(const CrmAccount& account, const TenantId& tenant, std::string_view identity);

// The id of session.finished: the same state of the same session sent again is the same event. The time of
// arrival is no part of it.
std::string accepted_event_id(const SessionKey& session, const Revision& revision);

// The id of an event that a stage derives from another. `run` is a replay's or resend's id, empty otherwise:
// a replayed event is not the one that came before.
std::string derived_event_id(std::string_view parent, std::string_view stage, const CrmAccount& account,
                             std::string_view run);

// The id of a record that cannot be parsed: it is only known by where it lies.
std::string unparsed_event_id(const Position& at);

}  // namespace aftercall
