#pragma once
#include "config/tree.hpp"
#include "tenancy/lease.hpp"

namespace aftercall::tenancy {

// [control] address = "host:port", token = {file = "…"}, ca_file, deadline = "10s"
LeaseSettings read_lease(const config::Tree& tree);

}  // namespace aftercall::tenancy
