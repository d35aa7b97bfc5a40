#include "matcher/config.hpp"

#include "tenancy/lease_section.hpp"
#include "wire/topics.hpp"

namespace aftercall::matcher {

Result<Config> parse_config(const config::Tree& tree) {
  Config config;
  config.kafka = process::read_kafka(tree, "matcher");
  config.http = process::read_http(tree);
  config.stage = process::read_stage(tree, "matcher");
  config.stage.topics = config.kafka.topics;
  config.stage.input = wire::topic::session_finished;
  config.stage.outputs = {std::string(wire::topic::contact_matched)};
  config.lease = tenancy::read_lease(tree);
  if (const auto finished = tree.finish(); !finished) return tl::unexpected(finished.error());
  return config;
}

}  // namespace aftercall::matcher
