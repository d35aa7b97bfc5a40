#pragma once
#include <vector>

#include "domain/match.hpp"
#include "domain/plan.hpp"
#include "domain/session.hpp"

namespace aftercall::formatter {

struct Artifacts {
  std::vector<Artifact> ordered;  // a contact to be created before the note on it
  std::vector<LeftOut> left_out;
};

// Which records one text becomes: a note on each contact (created where the match says so), one on each
// distinct account, one on the appointment. All refer to content 0. Those of one target are merged: two
// participants who are one contact leave one note, under the alphabetically first slot; the other slots are
// its aliases.
Artifacts artifacts_of(const Session& session, const Matched& matched);

}  // namespace aftercall::formatter
