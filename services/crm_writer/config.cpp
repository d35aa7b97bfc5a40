#include "crm_writer/config.hpp"

#include "tenancy/lease_section.hpp"
#include "wire/topics.hpp"

namespace aftercall::crm_writer {

Result<Config> parse_config(const config::Tree& tree) {
  Config config;
  config.kafka = process::read_kafka(tree, "crm_writer");
  config.http = process::read_http(tree);
  config.stage = process::read_stage(tree, "crm_writer");
  config.stage.topics = config.kafka.topics;
  config.stage.input = wire::topic::note_ready;
  config.stage.outputs = {};
  config.lease = tenancy::read_lease(tree);
  tree.root().table("ledger").read("file", config.ledger_file);
  if (const auto finished = tree.finish(); !finished) return tl::unexpected(finished.error());
  return config;
}

}  // namespace aftercall::crm_writer
