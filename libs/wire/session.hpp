#pragma once
#include "aftercall/events/v1/session.pb.h"
#include "domain/failure.hpp"
#include "domain/session.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

// A view of the message. A word that this release does not know (a channel, a format) is NeedsNewerStage: the
// unit waits for a newer stage and is not guessed at.
Result<Session> session_of(const v1::Session& message);

Revision revision_of(const v1::Session& message);

}  // namespace aftercall::wire
