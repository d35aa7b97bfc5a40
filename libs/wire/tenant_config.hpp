#pragma once
#include "aftercall/events/v1/tenant_config.pb.h"
#include "domain/failure.hpp"
#include "domain/tenant.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

v1::Tenant to_wire(const Tenant& tenant);
v1::Source to_wire(const Source& source);
v1::Connection to_wire(const Connection& connection);
// NeedsNewerStage for a word of a newer release: the reader keeps what it knew of this record and says so.
Result<Tenant> from_wire(const v1::Tenant& message);
Result<Source> from_wire(const v1::Source& message);
Result<Connection> from_wire(const v1::Connection& message);

}  // namespace aftercall::wire
