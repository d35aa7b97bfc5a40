#pragma once
#include "aftercall/events/v1/contact_matched.pb.h"
#include "domain/failure.hpp"
#include "domain/match.hpp"
#include "domain/session.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

// The session is copied as a message, so that fields of a newer release survive. Its transcript stays behind
// unless something that is written needs it.
v1::ContactMatched contact_matched(const v1::Session& session, const Matched& matched, bool with_transcript);

struct MatchedSession {
  Session session;
  Matched matched;
};
Result<MatchedSession> matched_session_of(const v1::ContactMatched& message);

}  // namespace aftercall::wire
