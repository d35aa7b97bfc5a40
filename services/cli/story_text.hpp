#pragma once
#include <string>

#include "aftercall/control/v1/control.pb.h"

namespace aftercall::cli {

// A session's story as a person reads it.
std::string story_text(const control::v1::Story& story);

}  // namespace aftercall::cli
