#include "bus/kafka_admin.hpp"

#include <charconv>

#include "bus/admin_requests.hpp"
#include "bus/refusal.hpp"
#include "bus/topic_compare.hpp"

namespace aftercall::bus {
namespace {

using request::Asker;

Result<std::vector<Difference>> compared(const Asker& asker, const TopicSpec& wanted,
                                         const request::FoundTopic& found) {
  const auto config = request::config_of(asker, RD_KAFKA_RESOURCE_TOPIC, wanted.name);
  if (!config) return tl::unexpected(config.error());
  return differences(wanted, {found.partitions, found.replication, *config});
}

Result<void> compare_to(const Asker& asker, const TopicSpec& wanted, const request::FoundTopic& found,
                        TopicsReport& report) {
  const auto different = compared(asker, wanted, found);
  if (!different) return tl::unexpected(different.error());
  report.differences.insert(report.differences.end(), different->begin(), different->end());
  return {};
}

// One that somebody else has made meanwhile is compared, as if it had always been there. In either case it
// can be used once this has answered.
Result<void> make(const Asker& asker, const TopicSpec& wanted, TopicsReport& report) {
  const auto created = request::create(asker, wanted);
  if (!created) return tl::unexpected(created.error());
  const auto found = request::await_topic(asker, wanted.name);
  if (!found) return tl::unexpected(found.error());
  if (*created == request::Created::Before) return compare_to(asker, wanted, *found, report);
  report.created.push_back(wanted.name);
  return {};
}

// What to do about a topic that is not there.
enum class Missing { Create, Tell };

Result<TopicsReport> go_through(const Asker& asker, const std::vector<TopicSpec>& topics, Missing missing) {
  const auto found = request::topics(asker);
  if (!found) return tl::unexpected(found.error());
  TopicsReport report;
  for (const TopicSpec& wanted : topics) {
    const auto there = found->find(wanted.name);
    Result<void> done;
    if (there != found->end())
      done = compare_to(asker, wanted, there->second, report);
    else if (missing == Missing::Create)
      done = make(asker, wanted, report);
    else
      report.differences.push_back({wanted.name, "exists", "yes", "no"});
    if (!done) return tl::unexpected(done.error());
  }
  return report;
}

Result<std::chrono::minutes> retention(const Asker& asker) {
  const Result<int> id = request::broker(asker);
  if (!id) return tl::unexpected(id.error());
  const auto config = request::config_of(asker, RD_KAFKA_RESOURCE_BROKER, std::to_string(*id));
  if (!config) return tl::unexpected(config.error());
  const auto found = config->find("offsets.retention.minutes");
  int minutes = 0;
  if (found == config->end() ||
      std::from_chars(found->second.data(), found->second.data() + found->second.size(), minutes).ec !=
          std::errc())
    return fail(Cause::SetupIncomplete, "the broker does not tell its offsets.retention.minutes");
  return std::chrono::minutes(minutes);
}

}  // namespace

// A consumer's handle, without a group: it can read a record to tell its age.
KafkaAdmin::KafkaAdmin(const asio::any_io_executor& executor, const Settings& settings)
    : settings_(settings), handle_(make_handle(RD_KAFKA_CONSUMER, settings, {})), offload_(executor) {}

asio::awaitable<Result<TopicsReport>> KafkaAdmin::create_or_compare(std::vector<TopicSpec> topics,
                                                                    Deadline deadline) {
  return offload_.run<Result<TopicsReport>>([this, topics = std::move(topics), deadline] {
    return go_through({handle_.get(), &offload_, deadline}, topics, Missing::Create);
  });
}

asio::awaitable<Result<std::vector<Difference>>> KafkaAdmin::compare(std::vector<TopicSpec> topics,
                                                                     Deadline deadline) {
  return offload_.run<Result<std::vector<Difference>>>(
      [this, topics = std::move(topics), deadline]() -> Result<std::vector<Difference>> {
        auto report = go_through({handle_.get(), &offload_, deadline}, topics, Missing::Tell);
        if (!report) return tl::unexpected(report.error());
        return std::move(report->differences);
      });
}

asio::awaitable<Result<std::chrono::minutes>> KafkaAdmin::offsets_retention(Deadline deadline) {
  return offload_.run<Result<std::chrono::minutes>>([this, deadline] {
    return retention({handle_.get(), &offload_, deadline});
  });
}

asio::awaitable<Result<GroupState>> KafkaAdmin::group(std::string group, std::string topic,
                                                      Deadline deadline) {
  return offload_.run<Result<GroupState>>([this, group = std::move(group), topic = std::move(topic),
                                           deadline] { return state_of(group, topic, deadline); });
}

Result<GroupState> KafkaAdmin::state_of(const std::string& group, const std::string& topic,
                                        Deadline deadline) {
  // What is said while Kafka is away would pile up here; the process's other clients log the same.
  hear(handle_.get());
  hear(asking_for(group));
  const Asker asker{handle_.get(), &offload_, deadline};
  auto members = request::members(asker, group, topic);
  if (!members) return tl::unexpected(members.error());
  const auto committed = request::committed({asking_for(group), &offload_, deadline}, topic);
  if (!committed) return tl::unexpected(committed.error());
  auto lag = request::lag(asker, topic, *committed);
  if (!lag) return tl::unexpected(lag.error());
  const auto oldest = request::oldest(asker, topic, *lag);
  if (!oldest) return tl::unexpected(oldest.error());
  return GroupState{std::move(*members), std::move(*lag), *oldest};
}

rd_kafka_t* KafkaAdmin::asking_for(const std::string& group) {
  auto& handle = of_groups_[group];
  if (!handle) handle = make_handle(RD_KAFKA_CONSUMER, settings_, {{"group.id", group}});
  return handle.get();
}

asio::awaitable<Result<Offsets>> KafkaAdmin::offsets_at(std::string topic,
                                                        std::chrono::system_clock::time_point time,
                                                        Deadline deadline) {
  return offload_.run<Result<Offsets>>([this, topic = std::move(topic), time, deadline] {
    return request::offsets_at({handle_.get(), &offload_, deadline}, topic, time);
  });
}

}  // namespace aftercall::bus
