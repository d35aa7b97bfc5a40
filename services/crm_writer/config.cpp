#include "crm_writer/config.hpp"

#include "wire/topics.hpp"

namespace aftercall::crm_writer {

Result<Config> parse_config(const config::Tree& tree) {
  Config config;
  config.stage = process::read_stage(tree, "crm_writer", {wire::topic::note_ready});
  config.crm = process::read_crm(tree);
  tree.root().table("ledger").read("file", config.ledger_file);
  auto looks = tree.root().table("doubt");
  looks.read("first_look", config.looks.first);
  looks.read("second_look", config.looks.second);
  // What a request left behind may be carried out that much later. Only a simulator is surely faster.
  bool developers = false;
  tree.root().table("crm").read("allow_loopback", developers);
  const Looks least;
  if (!developers && config.looks.first < least.first) looks.wrong("first_look", "is at least 30s");
  if (!developers && config.looks.second < least.second) looks.wrong("second_look", "is at least 2m");
  if (config.looks.second <= config.looks.first) looks.wrong("second_look", "comes after first_look");
  if (const auto finished = tree.finish(); !finished) return tl::unexpected(finished.error());
  return config;
}

}  // namespace aftercall::crm_writer
