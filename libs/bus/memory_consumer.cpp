#include "bus/memory_consumer.hpp"

#include <algorithm>
#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::bus {

MemoryConsumer::MemoryConsumer(MemoryBus::Broker& broker, ConsumerSettings settings)
    : broker_(broker), settings_(std::move(settings)), member_(broker.executor) {
  broker_.join(settings_.group, settings_.topic, member_);
}

MemoryConsumer::~MemoryConsumer() {
  if (member_.joined) broker_.part(settings_.group, member_);
}

std::optional<Change> MemoryConsumer::change() {
  if (member_.changes.empty()) return std::nullopt;
  return member_.changes.front();
}

void MemoryConsumer::accept() {
  if (member_.changes.empty()) return;
  const Change accepted = std::move(member_.changes.front());
  member_.changes.pop_front();
  next_.clear();
  if (const auto* const assigned = std::get_if<Assigned>(&accepted)) {
    for (const int partition : assigned->partitions) {
      const auto place = assigned->committed.find(partition);
      next_[partition] = place == assigned->committed.end() ? 0 : place->second;
    }
  } else if (!member_.joined) {
    broker_.join(settings_.group, settings_.topic, member_);
  } else {
    member_.holds = false;
    member_.partitions.clear();
    broker_.assign_if_all_gave_back(group());
  }
  member_.wakeup.notify();
}

std::optional<Record> MemoryConsumer::take(int partition) {
  const auto next = next_.find(partition);
  if (broker_.is_down || next == next_.end() || !member_.changes.empty()) return std::nullopt;
  const auto& topic = broker_.topics[settings_.topic];
  const Record* const record = topic.partitions[static_cast<std::size_t>(partition)].at(next->second);
  if (record == nullptr) return std::nullopt;
  next->second = record->at.offset + 1;
  return *record;
}

asio::awaitable<void> MemoryConsumer::activity(Deadline deadline) { return member_.wakeup.wait(deadline); }

Result<void> MemoryConsumer::store(const Offsets& offsets) {
  if (!member_.joined || !member_.holds)
    return fail(Cause::Unreachable, "committing " + settings_.topic + ": not a member any more");
  for (const auto& [partition, offset] : offsets) group().committed[partition] = offset;
  return {};
}

void MemoryConsumer::commit(Offsets offsets) {
  const Offsets& committed = group().committed;
  std::erase_if(offsets, [&](const auto& each) {
    const auto place = committed.find(each.first);
    return place != committed.end() && place->second >= each.second;
  });
  static_cast<void>(store(offsets));
}

asio::awaitable<Result<void>> MemoryConsumer::commit_now(Offsets offsets, Deadline deadline) {
  while (broker_.is_down) {
    if (std::chrono::steady_clock::now() >= deadline)
      co_return fail(Cause::Timeout, "committing: the broker is down");
    const Deadline next_look = std::min(deadline, within(std::chrono::milliseconds(5)));
    asio::steady_timer timer(broker_.executor, next_look);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return store(offsets);
}

std::vector<Lag> MemoryConsumer::lag() const {
  std::vector<Lag> all;
  for (const auto& [partition, next] : next_) {
    const auto& log = broker_.topics[settings_.topic].partitions[static_cast<std::size_t>(partition)];
    Lag& one = all.emplace_back(Lag{partition, 0, std::nullopt, log.next});
    const auto place = group().committed.find(partition);
    if (place != group().committed.end()) one.committed = place->second;
  }
  return all;
}

asio::awaitable<void> MemoryConsumer::leave(Deadline) {
  if (member_.joined) broker_.part(settings_.group, member_);
  member_.changes.clear();
  next_.clear();
  co_return;
}

void MemoryConsumer::expel() {
  const std::vector<int> had = member_.partitions;
  broker_.part(settings_.group, member_);
  member_.changes.clear();
  member_.changes.emplace_back(Lost{had});
  member_.wakeup.notify();
}

}  // namespace aftercall::bus
