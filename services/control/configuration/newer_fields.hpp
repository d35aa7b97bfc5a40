#pragma once
#include <string>
#include <string_view>

#include "aftercall/events/v1/tenant_config.pb.h"

// What a newer release wrote into a record of tenant.config beside what this one knows. Pure.
namespace aftercall::control {

// In the record itself, or in a message that it holds once.
bool has_newer_fields(std::string_view record);
// Those of `before` go into what replaces it: to write a setting must not undo another that is not known
// here.
void keep_newer_fields(std::string_view before, events::v1::TenantConfig& message);

}  // namespace aftercall::control
