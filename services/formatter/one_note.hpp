#pragma once
#include "formatter/artifacts.hpp"

namespace aftercall::formatter {

// Which records a session becomes where it leaves one note: that note on the main person (created where the
// match says so) and beside it the deal; and an activity where the account has a type of the session's name.
// The note refers to content 0, the activity to content 1.
Artifacts one_note_of(const Session& session, const Matched& matched);

}  // namespace aftercall::formatter
