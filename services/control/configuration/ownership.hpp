#pragma once
#include <cstdint>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "bus/consumer.hpp"
#include "bus/producer.hpp"
#include "control/turns.hpp"
#include "tenancy/following.hpp"
#include "wire/topics.hpp"

namespace aftercall::control {

// Of several instances one writes the configuration: the one to which a consumer group gives tenant.config's
// one partition. Being given it is not enough: it reads both topics to their end and claims a higher epoch,
// so that readers stop believing whoever had it before. What it lent its names to outlives it.
class Ownership {
 public:
  struct Parts {
    asio::any_io_executor executor;
    bus::Consumer& group;  // of tenant.config; nothing is taken from it, membership is all
    bus::Producer& producer;
    wire::TopicNames topics;
    tenancy::Directory& directory;
    tenancy::Following& config;
    tenancy::Following& secrets;
    Turns& turns;  // held by who writes
  };
  explicit Ownership(Parts parts) : parts_(std::move(parts)) {}

  void advertise(std::string address) { address_ = std::move(address); }  // where others reach this instance

  asio::awaitable<void> run();  // ends after stop(), when it has left the group
  void stop() { stopping_ = true; }

  bool owns() const { return owns_; }
  std::int64_t epoch() const { return epoch_; }
  // Nothing if this instance owns the configuration, else elsewhere(). While that is being settled, it waits.
  asio::awaitable<Result<void>> settled(bus::Deadline deadline);
  // Asks Kafka whether it is still so; before each write.
  asio::awaitable<Result<void>> confirm(bus::Deadline deadline);
  // For who asked the wrong instance: Unreachable, with the owner's address.
  Failure elsewhere() const;
  // The other instance that is the owner; empty if that is this one, or not known.
  std::string owner_elsewhere() const;

 private:
  bool being_settled() const;
  asio::awaitable<void> answer(bus::Change change);
  asio::awaitable<Result<void>> claim();
  asio::awaitable<Result<void>> catch_up(bus::Deadline deadline);

  Parts parts_;
  std::string address_;
  bool joined_ = false;    // the group has said what is ours
  bool assigned_ = false;  // and it is the partition
  bool owns_ = false;
  bool stopping_ = false;
  std::int64_t epoch_ = 0;
};

}  // namespace aftercall::control
