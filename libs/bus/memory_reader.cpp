#include "bus/memory_reader.hpp"

#include <algorithm>
#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::bus {

MemoryReader::MemoryReader(MemoryBus::Broker& broker, const std::vector<Start>& starts)
    : broker_(broker), wakeup_(broker.executor) {
  for (const Start& start : starts)
    places_.push_back({start.topic, start.partition, std::max<std::int64_t>(start.offset, 0), 0});
  broker_.readers.push_back(&wakeup_);
}

MemoryReader::~MemoryReader() { std::erase(broker_.readers, &wakeup_); }

const MemoryPartition* MemoryReader::find(const Place& place) const {
  const auto topic = broker_.topics.find(place.topic);
  const auto number = static_cast<std::size_t>(place.partition);
  if (topic == broker_.topics.end() || number >= topic->second.partitions.size()) return nullptr;
  return &topic->second.partitions[number];
}

asio::awaitable<Result<std::vector<Record>>> MemoryReader::read(std::size_t most, Deadline deadline) {
  const bool was_behind = !caught_up();  // also before the first aim: an empty partition's end comes at once
  if (!aimed_) {
    const Result<void> aimed = co_await aim(deadline);
    if (!aimed && kind_of(aimed.error().cause) != Kind::Transient) co_return tl::unexpected(aimed.error());
  }
  std::vector<Record> records;
  while (true) {
    take(most, records);
    if (!records.empty() || std::chrono::steady_clock::now() >= deadline) break;
    if (was_behind && caught_up()) break;
    co_await wakeup_.wait(deadline);
  }
  co_return records;
}

void MemoryReader::take(std::size_t most, std::vector<Record>& records) {
  if (broker_.is_down) return;
  for (Place& place : places_) {
    const MemoryPartition* const partition = find(place);
    while (partition != nullptr && records.size() < most) {
      const Record* const record = partition->at(place.next);
      if (record == nullptr) {
        place.next = std::max(place.next, partition->next);  // compaction may have taken the last ones
        break;
      }
      records.push_back(*record);
      place.next = record->at.offset + 1;
    }
  }
}

bool MemoryReader::caught_up() const {
  return aimed_ &&
         std::all_of(places_.begin(), places_.end(), [](const Place& each) { return each.next >= each.end; });
}

asio::awaitable<Result<void>> MemoryReader::aim(Deadline deadline) {
  while (broker_.is_down) {
    if (std::chrono::steady_clock::now() >= deadline) co_return fail(Cause::Timeout, "the broker is down");
    const Deadline next_look = std::min(deadline, within(std::chrono::milliseconds(5)));
    asio::steady_timer timer(broker_.executor, next_look);
    co_await timer.async_wait(asio::use_awaitable);
  }
  for (Place& place : places_) {
    const MemoryPartition* const partition = find(place);
    if (partition == nullptr)
      co_return fail(Cause::SetupIncomplete, "there is no such partition of " + place.topic);
    place.end = partition->next;
  }
  aimed_ = true;
  co_return Result<void>();
}

Ground MemoryReader::ground() const {
  if (!aimed_) return {};
  Ground ground{broker_.cluster, {}};
  for (const Place& place : places_) ground.extents.push_back({place.topic, place.partition, 0, place.end});
  return ground;
}

}  // namespace aftercall::bus
