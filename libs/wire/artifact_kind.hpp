#pragma once
#include "aftercall/events/v1/note_ready.pb.h"
#include "domain/failure.hpp"
#include "domain/plan.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

v1::Artifact::Kind::Value to_wire(ArtifactKind kind);
Result<ArtifactKind> from_wire(v1::Artifact::Kind::Value value);  // NeedsNewerStage for a newer release's

}  // namespace aftercall::wire
