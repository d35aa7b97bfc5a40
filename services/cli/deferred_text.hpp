#pragma once
#include <string>

#include "aftercall/control/v1/control.pb.h"
#include "domain/instant.hpp"

namespace aftercall::cli {

// What waits, as a table that a person reads; due times as seen from `now`.
std::string deferred_text(const control::v1::ListDeferredResponse& response, Instant now);

// What a release came to.
std::string release_text(const control::v1::ReleaseResponse& response, bool dry_run);
std::string discard_text(const control::v1::DiscardResponse& response, bool dry_run);

}  // namespace aftercall::cli
