#pragma once
#include <string>
#include <vector>

#include "aftercall/control/v1/control.pb.h"
#include "control/deferred/deferrals.hpp"

namespace aftercall::control {

namespace api = aftercall::control::v1;

// "waiting", "in doubt", "blocked", "dead"
std::string word_of(Kind kind);

bool is_empty(const api::DeferredFilter& filter);
// Malformed for a kind that there is none of: it would name nothing, and look as if nothing waited.
Result<void> check(const api::DeferredFilter& filter);
bool fits(const api::DeferredFilter& filter, const Deferral& deferral);

// By key, so that the pages of a list fit together whatever happens between them.
api::ListDeferredResponse list(const Deferrals& deferrals, const api::ListDeferredRequest& request);
std::vector<std::string> keys_of(const Deferrals& deferrals, const api::DeferredFilter& filter);

}  // namespace aftercall::control
