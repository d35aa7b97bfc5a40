#include "matcher/config.hpp"

#include "wire/topics.hpp"

namespace aftercall::matcher {

Result<Config> parse_config(const config::Tree& tree) {
  Config config;
  config.stage = process::read_stage(
      tree, "matcher", {wire::topic::session_finished, {std::string(wire::topic::contact_matched)}});
  config.crm = process::read_crm(tree);
  if (const auto finished = tree.finish(); !finished) return tl::unexpected(finished.error());
  return config;
}

}  // namespace aftercall::matcher
