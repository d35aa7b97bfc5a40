#pragma once
#include "aftercall/events/v1/event_deferred.pb.h"
#include "domain/record.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

// The untouched record inside a deferral, byte for byte.
v1::KafkaRecord to_wire(const Record& record);
Record from_wire(const v1::KafkaRecord& message);

}  // namespace aftercall::wire
