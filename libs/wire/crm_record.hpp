#pragma once
#include <optional>

#include "aftercall/events/v1/capabilities.pb.h"
#include "aftercall/events/v1/contact_matched.pb.h"
#include "domain/capabilities.hpp"
#include "domain/match.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

v1::CrmRecord to_wire(const CrmRecord& record);
CrmRecord from_wire(const v1::CrmRecord& message);
v1::Capabilities to_wire(const Capabilities& capabilities);
Capabilities from_wire(const v1::Capabilities& message);
v1::Lookup to_wire(const Lookup& lookup);
Lookup from_wire(const v1::Lookup& message);
v1::LeftOut to_wire(const LeftOut& left_out);
LeftOut from_wire(const v1::LeftOut& message);

}  // namespace aftercall::wire
