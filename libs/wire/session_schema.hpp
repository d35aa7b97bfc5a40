#pragma once
#include "wire/json.hpp"

namespace aftercall::wire {

// JSON Schema (2020-12) of a session's public JSON form, by the names of the messages: what read_session()
// takes, made from the same descriptor and the same rules.
Json::Object session_schemas();

}  // namespace aftercall::wire
