#pragma once
#include <string>
#include <vector>

#include "aftercall/control/v1/control.pb.h"
#include "control/sessions/fact.hpp"

namespace aftercall::control {

namespace api = aftercall::control::v1;

// What became of a session, told from its facts: a function of their set, whatever their order. Addresses are
// masked. A unit's state is that of its highest revision, there of its latest run and attempt; "already
// there" and "superseded" never replace "written".
api::Story story_of(std::vector<Fact> facts);

}  // namespace aftercall::control
