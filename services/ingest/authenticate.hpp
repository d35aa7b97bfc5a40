#pragma once
#include <tl/expected.hpp>

#include "http/message.hpp"
#include "ingest/problem.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::ingest {

// Whose request this is, by its API key alone: `Authorization: Bearer <key>`. The source may serve a paused
// tenant (sessions are taken and wait), but is not disabled.
tl::expected<tenancy::SourcePtr, Problem> authenticate(const http::Headers& headers,
                                                       const tenancy::Directory& directory);

}  // namespace aftercall::ingest
