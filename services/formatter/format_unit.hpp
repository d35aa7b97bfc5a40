#pragma once
#include "stage/outcome.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::formatter {

// contact.matched is one unit an event already.
Result<std::vector<stage::Unit>> split(const Record& record, const wire::Envelope& envelope,
                                       const tenancy::Directory& directory);

// A step without any effect: the unit and its outcome.
stage::Outcome format_unit(const stage::Unit& unit, const stage::Context& context,
                           const tenancy::Directory& directory);

}  // namespace aftercall::formatter
