#include "tenancy/lease_section.hpp"

namespace aftercall::tenancy {

LeaseSettings read_lease(const config::Tree& tree) {
  LeaseSettings settings;
  auto table = tree.root().table("control");
  table.require("address", settings.control);
  table.require("token", settings.token);
  table.read("ca_file", settings.ca_file);
  table.read("deadline", settings.deadline);
  return settings;
}

}  // namespace aftercall::tenancy
