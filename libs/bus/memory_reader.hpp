#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bus/memory_broker.hpp"

namespace aftercall::bus {

class MemoryReader final : public Reader {
 public:
  MemoryReader(MemoryBus::Broker& broker, const std::vector<Start>& starts);
  MemoryReader(const MemoryReader&) = delete;
  MemoryReader& operator=(const MemoryReader&) = delete;
  ~MemoryReader() override;

  asio::awaitable<Result<std::vector<Record>>> read(std::size_t most, Deadline deadline) override;
  bool caught_up() const override;
  asio::awaitable<Result<void>> aim(Deadline deadline) override;
  Ground ground() const override;

 private:
  struct Place {
    std::string topic;
    int partition = 0;
    std::int64_t next = 0;
    std::int64_t end = 0;  // the aim
  };

  void take(std::size_t most, std::vector<Record>& records);
  const MemoryPartition* find(const Place& place) const;

  MemoryBus::Broker& broker_;
  Wakeup wakeup_;
  std::vector<Place> places_;
  bool aimed_ = false;
};

}  // namespace aftercall::bus
