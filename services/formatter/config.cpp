#include "formatter/config.hpp"

#include "wire/topics.hpp"

namespace aftercall::formatter {

Result<Config> parse_config(const config::Tree& tree) {
  Config config;
  config.stage = process::read_stage(tree, "formatter",
                                     {wire::topic::contact_matched, {std::string(wire::topic::note_ready)}});
  if (const auto finished = tree.finish(); !finished) return tl::unexpected(finished.error());
  return config;
}

}  // namespace aftercall::formatter
