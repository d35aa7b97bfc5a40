#pragma once
#include <string>

#include "domain/capabilities.hpp"
#include "domain/session.hpp"

namespace aftercall::formatter {

// The account's activity type that bears exactly the conversation type's name; null: there is none.
const ActivityType* activity_type(const Session& session, const Capabilities& can);
// Why there is none, with the nearest name, which is a spelling mistake more often than not.
std::string why_no_activity(const Session& session, const Capabilities& can);

}  // namespace aftercall::formatter
