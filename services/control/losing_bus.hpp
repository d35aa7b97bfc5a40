#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bus/bus.hpp"

namespace aftercall::control {

// A bus whose producers are lost for good once the test says so.
class LosingBus final : public bus::Bus {
 public:
  explicit LosingBus(bus::Bus& inner) : inner_(inner) {}
  void lose_producers() { lost_ = true; }

  std::unique_ptr<bus::Producer> producer(bus::ProducerSettings settings) override {
    return std::make_unique<LosableProducer>(inner_.producer(std::move(settings)), lost_);
  }
  std::unique_ptr<bus::Consumer> consumer(bus::ConsumerSettings settings) override {
    return inner_.consumer(std::move(settings));
  }
  std::unique_ptr<bus::Reader> reader(std::vector<bus::Start> starts, bus::Answers answers) override {
    return inner_.reader(std::move(starts), answers);
  }
  std::unique_ptr<bus::Admin> admin() override { return inner_.admin(); }

 private:
  class LosableProducer final : public bus::Producer {
   public:
    LosableProducer(std::unique_ptr<bus::Producer> inner, const std::atomic<bool>& lost)
        : inner_(std::move(inner)), lost_(lost) {}
    bus::asio::awaitable<Result<Position>> publish(Draft draft) override {
      return inner_->publish(std::move(draft));
    }
    bus::asio::awaitable<Result<void>> ready(bus::Deadline deadline) override {
      return inner_->ready(deadline);
    }
    bus::asio::awaitable<Result<void>> flush(bus::Deadline deadline) override {
      return inner_->flush(deadline);
    }
    bus::asio::awaitable<Result<int>> partitions(std::string topic, bus::Deadline deadline) override {
      return inner_->partitions(std::move(topic), deadline);
    }
    std::optional<std::string> fatal() const override {
      if (lost_) return "lost";
      return std::nullopt;
    }

   private:
    std::unique_ptr<bus::Producer> inner_;
    const std::atomic<bool>& lost_;
  };

  bus::Bus& inner_;
  std::atomic<bool> lost_ = false;
};

}  // namespace aftercall::control
