#pragma once
#include <string>

#include "aftercall/events/v1/session.pb.h"
#include "domain/instant.hpp"
#include "wire/json.hpp"
#include "wire/wrong.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

// Reads a session in its public JSON form: the names of session.proto exactly as they stand there, enums as
// their words, times as RFC 3339. Whatever is wrong goes into `wrongs` with its pointer, all of it at once;
// the message is worth something only if nothing was added. `pointer` is where the session stands in the
// body, `now` bounds its times.
v1::Session read_session(const Json& json, const std::string& pointer, Instant now, Wrongs& wrongs);

}  // namespace aftercall::wire
