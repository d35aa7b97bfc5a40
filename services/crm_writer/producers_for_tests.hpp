#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bus/producer.hpp"
#include "wire/delivery_ledger.hpp"

// Producers that misbehave when a test says so.
namespace aftercall::crm_writer {

namespace asio = boost::asio;

class Passing : public bus::Producer {
 public:
  explicit Passing(bus::Producer& inner) : inner_(inner) {}
  asio::awaitable<Result<Position>> publish(Draft draft) override { return inner_.publish(std::move(draft)); }
  asio::awaitable<Result<void>> ready(bus::Deadline deadline) override { return inner_.ready(deadline); }
  asio::awaitable<Result<void>> flush(bus::Deadline deadline) override { return inner_.flush(deadline); }
  asio::awaitable<Result<int>> partitions(std::string topic, bus::Deadline deadline) override {
    return inner_.partitions(std::move(topic), deadline);
  }
  std::optional<std::string> fatal() const override { return inner_.fatal(); }

 private:
  bus::Producer& inner_;
};

// Lets somebody else do something just before the first record is stored.
class Interrupted final : public Passing {
 public:
  using Meanwhile = std::function<asio::awaitable<Result<void>>()>;
  Interrupted(bus::Producer& inner, Meanwhile meanwhile) : Passing(inner), meanwhile_(std::move(meanwhile)) {}
  asio::awaitable<Result<Position>> publish(Draft draft) override {
    if (auto meanwhile = std::exchange(meanwhile_, nullptr)) {
      const auto done = co_await meanwhile();
      EXPECT_TRUE(done) << done.error().detail;
    }
    const auto at = co_await Passing::publish(std::move(draft));
    co_return at;
  }

 private:
  Meanwhile meanwhile_;
};

// Lets somebody else do something while the first claim is on its way; other rows are acked only once it is
// open.
class Gated final : public Passing {
 public:
  using Passing::Passing;
  asio::awaitable<Result<Position>> publish(Draft draft) override {
    const bool claim = draft.key == wire::claim_kind;
    if (claim && meanwhile) {
      const auto once = std::exchange(meanwhile, nullptr);
      co_await once();
    }
    const auto executor = co_await asio::this_coro::executor;
    waits = !claim && !open;
    while (!claim && !open) co_await asio::post(executor, asio::use_awaitable);
    const auto at = co_await Passing::publish(std::move(draft));
    co_return at;
  }
  std::function<asio::awaitable<void>()> meanwhile;
  bool open = false;
  bool waits = false;  // a row is on its way
};

// Refuses so many records, as Kafka's client does in the end while Kafka is away.
class Refusing final : public Passing {
 public:
  using Passing::Passing;
  asio::awaitable<Result<Position>> publish(Draft draft) override {
    if (left > 0) {
      --left;
      if (refused) refused();
      co_return fail(cause, "not acked in time");
    }
    const auto at = co_await Passing::publish(std::move(draft));
    co_return at;
  }
  int left = 0;
  Cause cause = Cause::Timeout;
  std::function<void()> refused;
};

}  // namespace aftercall::crm_writer
