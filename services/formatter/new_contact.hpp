#pragma once
#include "domain/match.hpp"
#include "domain/plan.hpp"
#include "domain/session.hpp"

namespace aftercall::formatter {

// The contact that is created before what hangs on it: one for an identity, whoever bears it.
Artifact new_contact(const Session& session, const CrmAccount& account, const ParticipantMatch& match);

}  // namespace aftercall::formatter
