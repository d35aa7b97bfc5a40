#pragma once
#include <functional>
#include <string>

#include "domain/record.hpp"

namespace aftercall::stage {

// A dry run: the whole path in a consumer group of its own; what would have been published is shown instead.
struct DryRun {
  std::string run;  // a ULID, part of the group's name
  std::function<void(const Draft&)> show;
};

// A new run's id: 26 characters, those of a later run sort later.
std::string new_run();

// What a unit would have left on its topic, in lines for a person to read. It may hold names and titles, and
// no text of a note.
std::string shown(const Draft& draft);

}  // namespace aftercall::stage
