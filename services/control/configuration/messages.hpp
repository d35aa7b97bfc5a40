#pragma once
#include "aftercall/control/v1/control.pb.h"
#include "control/configuration/apply.hpp"
#include "control/sign_in/connecting.hpp"

// The API's messages and control's own values.
namespace aftercall::control {

namespace api = aftercall::control::v1;

// Malformed, with every object that could not be read.
Result<Wanted> wanted_of(const api::ApplyRequest& request);
api::ApplyResponse response_of(const Decision& decision);

// Without what nobody needs to read: the pseudonym key, the hashes of API keys.
api::TenantRecord record_of(const Tenant& tenant, std::int64_t version);
api::SourceRecord record_of(const Source& source, std::int64_t version);
api::ConnectionRecord record_of(const Connection& connection, std::int64_t version);

}  // namespace aftercall::control
