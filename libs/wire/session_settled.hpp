#pragma once
#include "aftercall/events/v1/session_settled.pb.h"
#include "domain/settled.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

v1::ArtifactState to_wire(const ArtifactState& artifact);
Result<ArtifactState> from_wire(const v1::ArtifactState& message);

// Without stage, run, attempt and times: those are the runner's to add.
v1::SessionSettled session_settled(const Settled& settled);
Result<Settled> settled_of(const v1::SessionSettled& message);

}  // namespace aftercall::wire
