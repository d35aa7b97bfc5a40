#pragma once
#include <vector>

#include "control/sign_in/probe_times.hpp"
#include "tenancy/directory.hpp"

// Which connections are probed. Those that must be connected again are left alone: asking again would not
// help and is noticed.
namespace aftercall::control {

// What a person was asked to mend: those that lack rights or are not completely set up.
std::vector<tenancy::ConnectionPtr> to_be_mended(const tenancy::Directory& directory);

// Those of an account for which something is blocked, even if they look well.
std::vector<tenancy::ConnectionPtr> serving(const tenancy::Directory& directory, const Blocked& account);

}  // namespace aftercall::control
