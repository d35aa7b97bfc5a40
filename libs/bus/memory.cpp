#include "bus/memory.hpp"

#include <algorithm>
#include <map>

#include "bus/memory_broker.hpp"
#include "bus/memory_consumer.hpp"
#include "bus/memory_reader.hpp"
#include "bus/topic_compare.hpp"

namespace aftercall::bus {
namespace {

class MemoryProducer final : public Producer {
 public:
  MemoryProducer(MemoryBus::Broker& broker, ProducerSettings settings)
      : broker_(broker), settings_(std::move(settings)) {}

  asio::awaitable<Result<Position>> publish(Draft draft) override {
    return wait_for<Result<Position>>(
        broker_.executor, [this, draft = std::move(draft)](auto answer) mutable {
          broker_.publish(std::move(draft), std::move(answer), settings_.delivery_timeout);
        });
  }
  asio::awaitable<Result<void>> ready(Deadline deadline) override {
    for (const std::string& topic : settings_.topics) {
      const Result<int> count = co_await partitions(topic, deadline);
      if (!count) co_return tl::unexpected(count.error());
    }
    co_return Result<void>();
  }
  asio::awaitable<Result<void>> flush(Deadline) override {
    if (!broker_.waiting.empty()) co_return fail(Cause::Timeout, "flushing: the broker is down");
    co_return Result<void>();
  }
  asio::awaitable<Result<int>> partitions(std::string topic, Deadline) override {
    const auto found = broker_.topics.find(topic);
    if (broker_.is_down) co_return fail(Cause::Timeout, "the broker is down");
    if (found == broker_.topics.end()) co_return fail(Cause::SetupIncomplete, "there is no topic " + topic);
    co_return static_cast<int>(found->second.partitions.size());
  }
  std::optional<std::string> fatal() const override { return std::nullopt; }

 private:
  MemoryBus::Broker& broker_;
  ProducerSettings settings_;
};

class MemoryAdmin final : public Admin {
 public:
  explicit MemoryAdmin(MemoryBus::Broker& broker) : broker_(broker) {}

  asio::awaitable<Result<TopicsReport>> create_or_compare(std::vector<TopicSpec> topics, Deadline) override {
    TopicsReport report;
    for (const TopicSpec& wanted : topics) {
      const auto [topic, is_new] = broker_.topics.try_emplace(wanted.name);
      if (is_new) {
        topic->second.spec = wanted;
        topic->second.partitions.resize(static_cast<std::size_t>(wanted.partitions));
        report.created.push_back(wanted.name);
      }
      for (Difference& each : differences(wanted, existing(topic->second)))
        report.differences.push_back(std::move(each));
    }
    co_return report;
  }
  asio::awaitable<Result<std::vector<Difference>>> compare(std::vector<TopicSpec> topics, Deadline) override {
    std::vector<Difference> all;
    for (const TopicSpec& wanted : topics) {
      const auto topic = broker_.topics.find(wanted.name);
      if (topic == broker_.topics.end()) {
        all.push_back({wanted.name, "exists", "yes", "no"});
        continue;
      }
      for (Difference& each : differences(wanted, existing(topic->second))) all.push_back(std::move(each));
    }
    co_return all;
  }
  asio::awaitable<Result<std::chrono::minutes>> offsets_retention(Deadline) override {
    co_return broker_.offsets_retention;
  }
  asio::awaitable<Result<GroupState>> group(std::string group, std::string topic, Deadline) override {
    GroupState state;
    const auto found = broker_.topics.find(topic);
    if (found == broker_.topics.end()) co_return fail(Cause::SetupIncomplete, "there is no topic " + topic);
    const MemoryGroup& asked = broker_.groups[group];
    for (const MemoryMember* member : asked.members)
      state.members.push_back({"memory", "", member->partitions});
    for (std::size_t i = 0; i < found->second.partitions.size(); ++i) {
      const MemoryPartition& partition = found->second.partitions[i];
      const auto number = static_cast<int>(i);
      Lag& lag = state.lag.emplace_back(Lag{number, 0, std::nullopt, partition.next});
      const auto place = asked.committed.find(number);
      if (place != asked.committed.end()) lag.committed = place->second;
      const Record* const waiting = partition.at(lag.committed.value_or(0));
      if (waiting != nullptr) state.oldest = std::min(state.oldest.value_or(waiting->time), waiting->time);
    }
    co_return state;
  }
  asio::awaitable<Result<Offsets>> offsets_at(std::string topic, std::chrono::system_clock::time_point time,
                                              Deadline) override {
    Offsets offsets;
    const auto found = broker_.topics.find(topic);
    if (found == broker_.topics.end()) co_return fail(Cause::SetupIncomplete, "there is no topic " + topic);
    for (std::size_t i = 0; i < found->second.partitions.size(); ++i) {
      const MemoryPartition& partition = found->second.partitions[i];
      const auto first = std::find_if(partition.records.begin(), partition.records.end(),
                                      [time](const Record& record) { return record.time >= time; });
      offsets[static_cast<int>(i)] = first == partition.records.end() ? partition.next : first->at.offset;
    }
    co_return offsets;
  }

 private:
  static ExistingTopic existing(const MemoryTopic& topic) {
    return {static_cast<int>(topic.partitions.size()), topic.spec.replication, topic.spec.config};
  }

  MemoryBus::Broker& broker_;
};

}  // namespace

MemoryBus::MemoryBus(asio::any_io_executor executor)
    : broker_(std::make_unique<Broker>(std::move(executor))) {}
MemoryBus::~MemoryBus() = default;

std::unique_ptr<Producer> MemoryBus::producer(ProducerSettings settings) {
  return std::make_unique<MemoryProducer>(*broker_, std::move(settings));
}
std::unique_ptr<Consumer> MemoryBus::consumer(ConsumerSettings settings) {
  return std::make_unique<MemoryConsumer>(*broker_, std::move(settings));
}
std::unique_ptr<Reader> MemoryBus::reader(std::vector<Start> starts, Answers /*answers*/) {
  return std::make_unique<MemoryReader>(*broker_, starts);
}
std::unique_ptr<Admin> MemoryBus::admin() { return std::make_unique<MemoryAdmin>(*broker_); }

void MemoryBus::create(std::string topic, int partitions) {
  MemoryTopic& made = broker_->topics[topic];
  made.spec = {std::move(topic), partitions, 1, {}};
  made.partitions.resize(static_cast<std::size_t>(partitions));
}

const std::vector<Record>& MemoryBus::records(const std::string& topic, int partition) const {
  return broker_->topics.at(topic).partitions.at(static_cast<std::size_t>(partition)).records;
}

void MemoryBus::down(bool is_down) {
  broker_->is_down = is_down;
  while (!is_down && !broker_->waiting.empty()) {
    const auto first = broker_->waiting.begin();
    first->second.answer(broker_->append(std::move(first->second.draft)));
    broker_->waiting.erase(first);
  }
  broker_->notify();
}

void MemoryBus::keep_offsets(std::chrono::minutes time) { broker_->offsets_retention = time; }

void MemoryBus::expel(Consumer& member) { dynamic_cast<MemoryConsumer&>(member).expel(); }

void MemoryBus::compact(const std::string& topic) {
  for (MemoryPartition& partition : broker_->topics.at(topic).partitions) {
    std::map<std::string, std::int64_t> newest;
    for (const Record& record : partition.records) newest[record.key] = record.at.offset;
    std::erase_if(partition.records,
                  [&](const Record& record) { return newest.at(record.key) != record.at.offset; });
  }
}

}  // namespace aftercall::bus
