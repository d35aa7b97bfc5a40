#include "wire/topic_table.hpp"

namespace aftercall::wire {
namespace {

using Config = std::map<std::string, std::string>;
constexpr int data_partitions = 12;

std::string days(int count) { return std::to_string(count * 24LL * 60 * 60 * 1000); }

Config with(Config config, const Config& more) {
  config.insert(more.begin(), more.end());
  return config;
}

// A client may send 3 MiB; the broker takes a little more.
Config deleted_after(int count) {
  return {{"cleanup.policy", "delete"}, {"retention.ms", days(count)}, {"max.message.bytes", "4194304"}};
}

// An old value is gone an hour after it was replaced (an active segment is rolled only by an append, which is
// why control appends a heartbeat), and a reader that was away for less than a week still sees every
// tombstone.
Config compacted() {
  return {{"cleanup.policy", "compact"},
          {"max.compaction.lag.ms", "3600000"},
          {"min.cleanable.dirty.ratio", "0.01"},
          {"delete.retention.ms", days(7)},
          {"max.message.bytes", "4194304"}};
}

}  // namespace

std::vector<TopicShape> topic_table() {
  auto ledger = compacted();
  ledger["cleanup.policy"] = "compact,delete";
  const auto name = [](std::string_view topic) { return std::string(topic); };
  return {
      {name(topic::session_finished), data_partitions, deleted_after(30)},
      {name(topic::contact_matched), data_partitions, deleted_after(30)},
      {name(topic::note_ready), data_partitions, deleted_after(30)},
      {name(topic::session_settled), data_partitions, deleted_after(90)},
      {name(topic::event_deferred), data_partitions, compacted()},
      {name(topic::delivery_ledger), data_partitions, with(ledger, {{"retention.ms", days(180)}})},
      {name(topic::tenant_config), 1, compacted()},
      {name(topic::tenant_secret), 1, compacted()},
      {name(topic::audit), 1, deleted_after(400)},
  };
}

}  // namespace aftercall::wire
