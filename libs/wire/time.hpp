#pragma once
#include <google/protobuf/timestamp.pb.h>

#include <optional>

#include "domain/instant.hpp"

namespace aftercall::wire {

void write_time(google::protobuf::Timestamp& out, Instant at);
std::optional<Instant> read_time(const google::protobuf::Timestamp& time);  // nothing if out of range

}  // namespace aftercall::wire
