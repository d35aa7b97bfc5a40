#pragma once
#include <map>
#include <string>

#include "aftercall/control/v1/control.pb.h"
#include "config/tree.hpp"
#include "domain/failure.hpp"

namespace aftercall::cli {

struct ApplyFile {
  control::v1::ApplyRequest request;
  std::map<std::string, int> lines;  // where each object begins, by its name
  // "connection acme/main"; of a tenant "tenant acme".
  static std::string name_of(const std::string& kind, const std::string& tenant, const std::string& id);
};

// [[tenant]], [[source]], [[connection]] of a file for `aftercall apply` → the request. Every mistake is told
// at once, each with its line.
Result<ApplyFile> read_apply_file(const config::Tree& tree);

}  // namespace aftercall::cli
