#pragma once
#include "aftercall/events/v1/note_ready.pb.h"
#include "domain/failure.hpp"
#include "domain/plan.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

v1::Revision to_wire(const Revision& revision);
Result<Revision> from_wire(const v1::Revision& message);

v1::NoteReady note_ready(const Plan& plan);
// Refuses a plan whose artifacts refer to contents or earlier artifacts that are not there; a kind of
// artifact that this release does not know is NeedsNewerStage.
Result<Plan> plan_of(const v1::NoteReady& message);

}  // namespace aftercall::wire
