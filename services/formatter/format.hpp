#pragma once
#include <variant>

#include "domain/failure.hpp"
#include "domain/match.hpp"
#include "domain/plan.hpp"
#include "domain/session.hpp"
#include "domain/settled.hpp"

namespace aftercall::formatter {

// What is to be written; or that there is nothing, and why; or what must be mended before it can be said.
using Formatted = std::variant<Plan, Settled, Failure>;

// What a matched session becomes in one CRM account. Knows no CRM's name: its capabilities decide.
Formatted format(const Session& session, const Matched& matched);

}  // namespace aftercall::formatter
