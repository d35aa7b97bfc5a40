#include "bus/memory_broker.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>

namespace aftercall::bus {
namespace {

constexpr std::size_t longest_record = 3UL << 20U;  // as the Kafka producer's

// FNV-1a. Kafka's own partitioner puts keys elsewhere; which partition a key has is nobody's business but
// that it always has the same.
std::size_t partition_of(const std::string& key, std::size_t partitions) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : key) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return hash % partitions;
}

std::size_t size_of(const Draft& draft) {
  std::size_t size = draft.key.size() + (draft.value ? draft.value->size() : 0);
  for (const auto& [name, value] : draft.headers) size += name.size() + value.size();
  return size;
}

}  // namespace

const Record* MemoryPartition::at(std::int64_t offset) const {
  const auto found =
      std::lower_bound(records.begin(), records.end(), offset,
                       [](const Record& record, std::int64_t from) { return record.at.offset < from; });
  return found == records.end() ? nullptr : &*found;
}

// Each is a cluster of its own.
MemoryBus::Broker::Broker(asio::any_io_executor with) : executor(std::move(with)) {
  static std::atomic<int> made = 0;
  cluster = "memory-" + std::to_string(++made);
}

void MemoryBus::Broker::publish(Draft draft, Answer<Result<Position>> answer,
                                std::chrono::milliseconds timeout) {
  if (!is_down) return answer(append(std::move(draft)));
  const std::uint64_t number = ++last_waiting;
  Waiting& mine = waiting
                      .emplace(number, Waiting{std::move(draft), std::move(answer),
                                               asio::steady_timer(executor, timeout)})
                      .first->second;
  mine.late.async_wait([this, number](boost::system::error_code cancelled) {
    const auto late = cancelled ? waiting.end() : waiting.find(number);
    if (late == waiting.end()) return;
    late->second.answer(
        fail(Cause::Timeout, "publishing to " + late->second.draft.topic + ": the broker is down"));
    waiting.erase(late);
  });
}

Result<Position> MemoryBus::Broker::append(Draft draft) {
  const auto topic = topics.find(draft.topic);
  if (topic == topics.end()) return fail(Cause::SetupIncomplete, "there is no topic " + draft.topic);
  auto& partitions = topic->second.partitions;
  if (draft.partition && (*draft.partition < 0 || *draft.partition >= static_cast<int>(partitions.size())))
    return fail(Cause::SetupIncomplete, draft.topic + " has no such partition");
  if (size_of(draft) > longest_record) return fail(Cause::TooLong, "the record is too large");
  const int number = draft.partition.value_or(static_cast<int>(partition_of(draft.key, partitions.size())));
  MemoryPartition& partition = partitions[static_cast<std::size_t>(number)];
  const Position at{draft.topic, number, partition.next++};
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  partition.records.push_back(
      {at, now, std::move(draft.key), std::move(draft.value), std::move(draft.headers)});
  notify();
  return at;
}

void MemoryBus::Broker::notify() {
  for (auto& [name, group] : groups)
    for (MemoryMember* member : group.members) member->wakeup.notify();
  for (Wakeup* reader : readers) reader->notify();
}

void MemoryBus::Broker::join(const std::string& name, const std::string& topic, MemoryMember& member) {
  MemoryGroup& group = groups[name];
  group.topic = topic;
  group.members.push_back(&member);
  member.joined = true;
  rebalance(group);
}

void MemoryBus::Broker::part(const std::string& name, MemoryMember& member) {
  MemoryGroup& group = groups[name];
  std::erase(group.members, &member);
  member.joined = member.holds = false;
  member.partitions.clear();
  rebalance(group);
}

// Eager: everybody gives everything back before anybody gets anything.
void MemoryBus::Broker::rebalance(MemoryGroup& group) {
  for (MemoryMember* member : group.members) {
    const bool asked = !member->changes.empty() && std::holds_alternative<Revoked>(member->changes.back());
    if (!member->holds || asked) continue;
    member->changes.emplace_back(Revoked{member->partitions});
    member->wakeup.notify();
  }
  assign_if_all_gave_back(group);
}

void MemoryBus::Broker::assign_if_all_gave_back(MemoryGroup& group) {
  const auto& members = group.members;
  if (members.empty() || std::any_of(members.begin(), members.end(), [](auto* each) { return each->holds; }))
    return;
  const std::size_t partitions = topics[group.topic].partitions.size();
  for (std::size_t partition = 0; partition < partitions; ++partition)
    members[partition % members.size()]->partitions.push_back(static_cast<int>(partition));
  for (MemoryMember* member : members) {
    member->holds = true;
    Assigned assigned{member->partitions, {}};
    for (const int partition : member->partitions)
      if (const auto place = group.committed.find(partition); place != group.committed.end())
        assigned.committed.insert(*place);
    member->changes.emplace_back(std::move(assigned));
    member->wakeup.notify();
  }
}

}  // namespace aftercall::bus
