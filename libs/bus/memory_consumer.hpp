#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bus/memory_broker.hpp"

namespace aftercall::bus {

class MemoryConsumer final : public Consumer {
 public:
  MemoryConsumer(MemoryBus::Broker& broker, ConsumerSettings settings);
  MemoryConsumer(const MemoryConsumer&) = delete;
  MemoryConsumer& operator=(const MemoryConsumer&) = delete;
  ~MemoryConsumer() override;

  std::optional<Change> change() override;
  void accept() override;
  std::optional<Record> take(int partition) override;
  asio::awaitable<void> activity(Deadline deadline) override;
  void commit(Offsets offsets) override;
  asio::awaitable<Result<void>> commit_now(Offsets offsets, Deadline deadline) override;
  std::vector<Lag> lag() const override;
  asio::awaitable<void> leave(Deadline deadline) override;
  std::optional<std::string> fatal() const override { return std::nullopt; }

  void expel();

 private:
  Result<void> store(const Offsets& offsets);
  MemoryGroup& group() const { return broker_.groups[settings_.group]; }

  MemoryBus::Broker& broker_;
  ConsumerSettings settings_;
  MemoryMember member_;
  std::map<int, std::int64_t> next_;  // of the partitions that are ours
};

}  // namespace aftercall::bus
