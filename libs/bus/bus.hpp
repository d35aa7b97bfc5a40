#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "bus/admin.hpp"
#include "bus/consumer.hpp"
#include "bus/producer.hpp"
#include "bus/reader.hpp"
#include "bus/settings.hpp"

namespace aftercall::bus {

// Where events go and come from: Kafka (kafka.hpp), or memory in tests (memory.hpp). It outlives what it
// makes.
class Bus {
 public:
  virtual ~Bus() = default;
  virtual std::unique_ptr<Producer> producer(ProducerSettings settings) = 0;
  virtual std::unique_ptr<Consumer> consumer(ConsumerSettings settings) = 0;
  virtual std::unique_ptr<Reader> reader(std::vector<Start> starts, Answers answers) = 0;
  std::unique_ptr<Reader> reader(std::vector<Start> starts) {
    return reader(std::move(starts), Answers::AtOnce);
  }
  virtual std::unique_ptr<Admin> admin() = 0;
};

}  // namespace aftercall::bus
