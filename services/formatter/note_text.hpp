#pragma once
#include <vector>

#include "domain/capabilities.hpp"
#include "domain/match.hpp"
#include "domain/plan.hpp"
#include "domain/session.hpp"

namespace aftercall::formatter {

// False when there is nothing in the session that a reader of the CRM does not know already.
bool worth_writing(const Session& session);

struct NoteText {
  Content content;
  std::vector<LeftOut> left_out;  // what of the session's text is not in it, or not as it was written
};

// The one text of a meeting or call, cut for the account: meeting name, participants, link to recording and
// transcript, manual notes, summary. Never the transcript: the link leads to it.
NoteText note_text(const Session& session, const Capabilities& can);

// An activity says by itself when it was and with whom: the summary alone, else the link.
NoteText activity_text(const Session& session, const Capabilities& can);

}  // namespace aftercall::formatter
