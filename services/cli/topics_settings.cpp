#include "cli/topics_settings.hpp"

namespace aftercall::cli {

Result<process::Kafka> kafka_of(const TopicsOptions& options) {
  constexpr auto client_id = "aftercall-cli";
  process::Kafka kafka;
  kafka.bus.bootstrap = options.brokers;
  kafka.bus.client_id = client_id;
  kafka.topics = {options.prefix, options.version};
  if (options.config.empty()) return kafka;

  const auto tree = config::load(options.config);
  if (!tree) return tl::unexpected(tree.error());
  kafka = process::read_kafka(*tree, client_id);
  kafka.bus.client_id = client_id;  // the file names the service's
  auto root = tree->root();
  for (const auto& section : root.keys())
    if (section != "kafka") root.leave(section);
  if (const auto finished = tree->finish(); !finished) return tl::unexpected(finished.error());
  return kafka;
}

}  // namespace aftercall::cli
