#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bus/client.hpp"
#include "bus/doorbell.hpp"
#include "bus/metadata.hpp"
#include "bus/offload.hpp"
#include "bus/reader.hpp"
#include "bus/wakeup.hpp"

namespace aftercall::bus {

class KafkaReader final : public Reader {
 public:
  KafkaReader(const asio::any_io_executor& executor, Settings settings, std::vector<Start> starts,
              Answers answers);

  asio::awaitable<Result<std::vector<Record>>> read(std::size_t most, Deadline deadline) override;
  bool caught_up() const override;
  asio::awaitable<Result<void>> aim(Deadline deadline) override;
  Ground ground() const override { return ground_; }

 private:
  struct Progress {
    std::int64_t next = 0;            // everything before it was given out
    std::optional<std::int64_t> end;  // the aim
  };

  bool ring();
  void take(std::size_t most, std::vector<Record>& records);
  void noted(rd_kafka_event_t* event);
  Result<Ground> survey(Deadline deadline) const;

  Settings settings_;
  Wakeup wakeup_;
  Doorbell doorbell_;
  rd::Handle handle_;
  rd::Queue events_;   // logs and errors
  rd::Queue records_;  // of all partitions
  std::vector<rd::Topic> topics_;
  std::map<Place, Progress> progress_;
  std::optional<Failure> trouble_;  // for the next read()
  bool aimed_ = false;
  Ground ground_;
  Offload offload_;
};

}  // namespace aftercall::bus
