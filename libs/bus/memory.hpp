#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "bus/bus.hpp"

namespace aftercall::bus {

// A broker in memory that passes the same contract suite as Kafka: for tests of one process, on one thread.
// Nothing depends on time but deadlines, so a test that runs twice does the same twice.
class MemoryBus : public Bus {
 public:
  explicit MemoryBus(asio::any_io_executor executor);
  ~MemoryBus() override;

  std::unique_ptr<Producer> producer(ProducerSettings settings) override;
  std::unique_ptr<Consumer> consumer(ConsumerSettings settings) override;
  using Bus::reader;
  std::unique_ptr<Reader> reader(std::vector<Start> starts, Answers answers) override;
  std::unique_ptr<Admin> admin() override;

  void create(std::string topic, int partitions);
  const std::vector<Record>& records(const std::string& topic, int partition) const;  // as stored so far

  // The broker stops answering (and starts again): publishing fails by its deadline, nothing is delivered.
  void down(bool is_down);
  void keep_offsets(std::chrono::minutes time);
  // One of our consumers is thrown out of its group, as after a session time-out: it has lost its partitions,
  // and joins again once it has accepted that.
  static void expel(Consumer& member);
  // Drops what a later record of the same key has replaced, as Kafka's cleaner may at any time.
  void compact(const std::string& topic);

  struct Broker;  // memory_broker.hpp

 private:
  std::unique_ptr<Broker> broker_;
};

}  // namespace aftercall::bus
