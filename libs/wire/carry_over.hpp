#pragma once
#include "aftercall/events/v1/contact_matched.pb.h"
#include "aftercall/events/v1/note_ready.pb.h"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

// The match's records, and its reasons for what was left out, that the plan names again: as the messages they
// came in, so that fields of a newer matcher reach a newer writer through this release's formatter.
void carry_over(const v1::ContactMatched& from, v1::NoteReady& to);

}  // namespace aftercall::wire
