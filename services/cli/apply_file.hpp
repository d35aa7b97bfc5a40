#pragma once
#include "aftercall/control/v1/control.pb.h"
#include "config/tree.hpp"
#include "domain/failure.hpp"

namespace aftercall::cli {

// [[tenant]], [[source]], [[connection]] of a file for `aftercall apply` → the request. Every mistake is told
// at once, each with its line.
Result<control::v1::ApplyRequest> read_apply_file(const config::Tree& tree);

}  // namespace aftercall::cli
