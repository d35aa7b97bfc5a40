#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bench.hpp"
#include "control/deferred/releaser.hpp"
#include "wire/tenant_config.hpp"

// The bench for the runner with releasers beside it.
namespace aftercall::stage::bench {

using control::Releaser;

// Gives a hundred records and then none until it may go on.
class SlowReader : public bus::Reader {
 public:
  SlowReader(std::unique_ptr<bus::Reader> inner, const bool& goes_on)
      : inner_(std::move(inner)), goes_on_(goes_on) {}
  boost::asio::awaitable<Result<std::vector<Record>>> read(std::size_t, bus::Deadline deadline) override {
    const auto executor = co_await boost::asio::this_coro::executor;
    while (given_ && !goes_on_) {
      boost::asio::steady_timer timer(executor, 10ms);
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
    given_ = true;
    auto records = co_await inner_->read(100, deadline);
    co_return records;
  }
  bool caught_up() const override { return inner_->caught_up(); }
  boost::asio::awaitable<Result<void>> aim(bus::Deadline deadline) override { return inner_->aim(deadline); }
  bus::Ground ground() const override { return inner_->ground(); }

 private:
  std::unique_ptr<bus::Reader> inner_;
  const bool& goes_on_;
  bool given_ = false;
};

// The bus as a releaser sees it: one that dies between a copy's ack and its tombstone writes no tombstone.
class DyingBus : public bus::Bus {
 public:
  DyingBus(bus::MemoryBus& inner, const bool& writes_tombstones, const bool& reads_on)
      : inner_(inner), writes_tombstones_(writes_tombstones), reads_on_(reads_on) {}
  std::unique_ptr<bus::Producer> producer(bus::ProducerSettings settings) override {
    return std::make_unique<DyingProducer>(inner_.producer(std::move(settings)), writes_tombstones_);
  }
  std::unique_ptr<bus::Consumer> consumer(bus::ConsumerSettings settings) override {
    return inner_.consumer(std::move(settings));
  }
  std::unique_ptr<bus::Reader> reader(std::vector<bus::Start> starts, bus::Answers answers) override {
    return std::make_unique<SlowReader>(inner_.reader(std::move(starts), answers), reads_on_);
  }
  std::unique_ptr<bus::Admin> admin() override { return inner_.admin(); }

 private:
  class DyingProducer : public bus::Producer {
   public:
    DyingProducer(std::unique_ptr<bus::Producer> inner, const bool& writes_tombstones)
        : inner_(std::move(inner)), writes_tombstones_(writes_tombstones) {}
    boost::asio::awaitable<Result<Position>> publish(Draft draft) override {
      if (!draft.value && !writes_tombstones_) co_return fail(Cause::Timeout, "not acked in time");
      const auto acked = co_await inner_->publish(std::move(draft));
      co_return acked;
    }
    boost::asio::awaitable<Result<void>> ready(bus::Deadline deadline) override {
      return inner_->ready(deadline);
    }
    boost::asio::awaitable<Result<void>> flush(bus::Deadline deadline) override {
      return inner_->flush(deadline);
    }
    boost::asio::awaitable<Result<int>> partitions(std::string topic, bus::Deadline deadline) override {
      return inner_->partitions(std::move(topic), deadline);
    }
    std::optional<std::string> fatal() const override { return inner_->fatal(); }

   private:
    std::unique_ptr<bus::Producer> inner_;
    const bool& writes_tombstones_;
  };

  bus::MemoryBus& inner_;
  const bool& writes_tombstones_;
  const bool& reads_on_;
};

class Release : public testing::Test {
 protected:
  Release() {
    bench.answers = [](const Unit&, const Context&) -> std::optional<Outcome> { return settle("written"); };
  }
  ~Release() override {
    writes_tombstones = reads_on = true;
    for (auto& each : releasers_) stop(*each);
  }

  struct Running {
    std::unique_ptr<Releaser> releaser;
    bool ended = false;
  };
  Running& start_releaser() {
    auto& running = *releasers_.emplace_back(std::make_unique<Running>());
    running.releaser =
        std::make_unique<Releaser>(Releaser::Parts{bench.io.get_executor(), dying_, bench.clock, directory,
                                                   bench.settings.topics, "control.deferred", credit, table});
    boost::asio::co_spawn(bench.io, running.releaser->run(), [&running](std::exception_ptr thrown) {
      running.ended = true;
      if (thrown) std::rethrow_exception(thrown);
    });
    bench.settle();
    return running;
  }
  void stop(Running& running) {
    running.releaser->stop();
    ASSERT_TRUE(eventually([&] { return running.ended; }));
  }
  // What takes real time.
  bool eventually(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!holds() && std::chrono::steady_clock::now() < until) {
      bench.io.restart();
      bench.io.run_one_for(50ms);
    }
    return holds();
  }

  // What waits now: event.deferred as compaction would leave it.
  std::map<std::string, v1::EventDeferred> waiting() const {
    std::map<std::string, v1::EventDeferred> all;
    for (const auto& record : bench.records("event.deferred")) {
      all.erase(record.key);
      if (record.value) all[record.key].ParseFromString(*record.value);
    }
    return all;
  }
  std::vector<Record> copies() const {
    auto records = bench.records("session.finished");
    std::erase_if(records, [](const Record& record) { return header(record.headers, "ac-attempt") == "1"; });
    return records;
  }
  void tell(const Connection& connection) {
    wire::v1::TenantConfig message;
    message.set_version(1);
    *message.mutable_connection() = wire::to_wire(connection);
    apply(tenancy::config_record::key("connection", connection.tenant, connection.id.str()), message);
  }
  void tell(const Tenant& tenant) {
    wire::v1::TenantConfig message;
    message.set_version(1);
    *message.mutable_tenant() = wire::to_wire(tenant);
    apply(tenancy::config_record::key("tenant", tenant.id, tenant.id.str()), message);
  }
  void connect(const std::string& account = "a1") {
    Connection connection;
    connection.tenant = TenantId("t1");
    connection.id = ConnectionId("to-" + account);
    connection.account = CrmAccount(account);
    connection.status = ConnectionStatus::Connected;
    connection.since = truncate(bench.clock.wall());
    tell(connection);
  }
  void start_answering(Outcome outcome) {
    bench.answers = [outcome](const Unit&, const Context&) -> std::optional<Outcome> { return outcome; };
  }

  bool writes_tombstones = true;
  bool reads_on = true;
  control::Credit::Limits credit{};
  std::filesystem::path table;  // empty: in memory
  tenancy::Directory directory;
  Bench bench{3};

 private:
  void apply(const std::string& key, const wire::v1::TenantConfig& message) {
    Record record;
    record.at = {"tenant.config", 0, directory.version()};
    record.time = bench.clock.wall();
    record.key = key;
    record.value = message.SerializeAsString();
    ASSERT_EQ(directory.apply(record), tenancy::Applied::Changed);
  }
  DyingBus dying_{bench.bus, writes_tombstones, reads_on};
  std::vector<std::unique_ptr<Running>> releasers_;
};

}  // namespace aftercall::stage::bench
