// The runner and control's releaser together: what the one defers the other brings back.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bench.hpp"
#include "control/deferred/released_copy.hpp"
#include "control/deferred/releaser.hpp"
#include "wire/keys.hpp"
#include "wire/tenant_config.hpp"

namespace aftercall::stage::bench {
namespace {

using control::Releaser;
using testing::IsEmpty;
using testing::SizeIs;
using Status = ConnectionStatus;

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
  std::unique_ptr<bus::Reader> reader(std::vector<bus::Start> starts) override {
    return std::make_unique<SlowReader>(inner_.reader(std::move(starts)), reads_on_);
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
                                                   bench.settings.topics, "control.deferred", credit});
    boost::asio::co_spawn(bench.io, running.releaser->run(), [&running](std::exception_ptr thrown) {
      running.ended = true;
      if (thrown) std::rethrow_exception(thrown);
    });
    bench.settle();
    return running;
  }
  void stop(Running& running) {
    running.releaser->stop();
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!running.ended && std::chrono::steady_clock::now() < until) {
      bench.io.restart();
      bench.io.run_one_for(50ms);
    }
    ASSERT_TRUE(running.ended);
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
    connection.status = Status::Connected;
    connection.since = truncate(bench.clock.wall());
    tell(connection);
  }
  void start_answering(Outcome outcome) {
    bench.answers = [outcome](const Unit&, const Context&) -> std::optional<Outcome> { return outcome; };
  }

  bool writes_tombstones = true;
  bool reads_on = true;
  control::Credit::Limits credit{};
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

TEST_F(Release, WhatWaitsComesBackWhenItIsDueAsItWasButForItsCounters) {
  start_answering(fails(Cause::Timeout));
  bench.start();
  start_releaser();
  Bench::Publishing event{.session = "x", .value = "a1,a2"};
  event.envelope.upstream_id = "u";
  bench.publish(event);
  bench.advance(31s);
  ASSERT_THAT(waiting(), SizeIs(2));
  const auto first = waiting().begin()->second;
  start_answering(settle("written"));
  const auto due = std::chrono::seconds(first.not_before().seconds()) -
                   std::chrono::duration_cast<std::chrono::seconds>(bench.clock.wall().time_since_epoch());
  ASSERT_GT(due, 60s);
  bench.advance(due - 10s);
  EXPECT_THAT(copies(), IsEmpty()) << "before its time";
  bench.advance(15s);
  ASSERT_THAT(copies(), SizeIs(2));
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(bench.settled(), SizeIs(2)) << "each copy runs its own unit alone";
  const auto origin = bench.records("session.finished").front();
  for (const auto& copy : copies()) {
    EXPECT_EQ(copy.at.partition, origin.at.partition);
    EXPECT_EQ(copy.key, origin.key);
    EXPECT_EQ(copy.value, origin.value);
    const auto envelope = wire::envelope_of(copy.headers);
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->id, "id-of-x");
    EXPECT_EQ(envelope->upstream_id, "u");
    EXPECT_EQ(envelope->attempt, 2);
    EXPECT_EQ(envelope->tries, 1);
    EXPECT_THAT(envelope->unit, testing::AnyOf("a1", "a2"));
    EXPECT_EQ(milliseconds_of(envelope->first_deferred) / 1000, first.first_deferred_at().seconds());
  }
}

TEST_F(Release, ACopyThatFailsAgainBeforeTheTombstoneIsWrittenIsNotLost) {
  start_answering(fails(Cause::Unanswered));
  bench.start();
  start_releaser();
  writes_tombstones = false;
  bench.publish({.session = "x"});
  bench.advance(35s);
  ASSERT_THAT(waiting(), SizeIs(2)) << "the old one, and its copy's";
  writes_tombstones = true;
  bench.advance(10s);
  ASSERT_THAT(waiting(), SizeIs(1));
  EXPECT_EQ(wire::split_key(waiting().begin()->first)->at(3), "2");
  EXPECT_THAT(copies(), SizeIs(1)) << "while its tombstone waits it is not published again";
  start_answering(settle("written"));
  bench.advance(40s);
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(bench.settled(), SizeIs(1));
}

TEST_F(Release, WhoIsKilledBeforeTheTombstoneLeavesASecondCopyOfTheSameEvent) {
  start_answering(fails(Cause::Unanswered));
  bench.start();
  auto& first = start_releaser();
  bench.publish({.session = "x"});
  bench.settle();
  start_answering(settle("written"));
  writes_tombstones = false;
  bench.advance(35s);
  stop(first);
  EXPECT_THAT(waiting(), SizeIs(1));
  writes_tombstones = true;
  start_releaser();
  bench.advance(5s);
  EXPECT_THAT(waiting(), IsEmpty());
  ASSERT_THAT(copies(), SizeIs(2));
  EXPECT_EQ(copies()[0].headers, copies()[1].headers);
  EXPECT_EQ(copies()[0].value, copies()[1].value);
}

TEST_F(Release, WhatIsBlockedWaitsForAChangeAndAMissingRightMakesNoLoop) {
  start_answering(fails(Cause::NotPermitted));
  connect();
  bench.advance(10min);
  bench.start();
  start_releaser();
  bench.publish({.session = "x"});
  bench.advance(2h);
  EXPECT_THAT(copies(), IsEmpty()) << "the connection is connected, but it was before";
  connect();
  bench.advance(5s);
  EXPECT_THAT(copies(), SizeIs(1));
  bench.advance(2h);
  EXPECT_THAT(copies(), SizeIs(2)) << "once at once, once when every stage had heard";
  ASSERT_THAT(waiting(), SizeIs(1));
  EXPECT_EQ(waiting().begin()->second.kind(), v1::EventDeferred::Kind::blocked);
  EXPECT_EQ(waiting().begin()->second.tries(), 0);
  start_answering(settle("written"));
  connect();
  bench.advance(5s);
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(bench.settled(), SizeIs(1));
}

TEST_F(Release, APausedTenantsSessionsGoOnWhenItIsResumed) {
  start_answering(fails(Cause::Paused));
  Tenant tenant;
  tenant.id = TenantId("t1");
  tenant.paused = true;
  tell(tenant);
  bench.start();
  start_releaser();
  for (int i = 0; i < 100; ++i) bench.publish({.session = std::to_string(i)});
  bench.advance(10min);
  tenant.name = "renamed";
  tell(tenant);
  bench.advance(10min);
  EXPECT_THAT(copies(), IsEmpty());
  start_answering(settle("written"));
  tenant.paused = false;
  tell(tenant);
  bench.advance(10s);
  EXPECT_THAT(bench.settled(), SizeIs(100));
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(Release, AThousandOfARateLimitedAccountAllArriveAndNoneIsDead) {
  int left = 0;
  int limited = 0;
  bench.answers = [&](const Unit& unit, const Context&) -> std::optional<Outcome> {
    if (unit.account != CrmAccount("a1") || left-- > 0) return settle("written");
    ++limited;
    return fails(Cause::RateLimited, 60s);
  };
  bench.start();
  start_releaser();
  for (int i = 0; i < 1000; ++i) bench.publish({.session = std::to_string(i)});
  std::size_t most = 0;
  for (int minutes = 0; minutes < 120 && bench.settled().size() < 1000; ++minutes) {
    left = 50;  // the CRM takes so many a minute
    const auto before = copies().size();
    bench.advance(60s);
    most = std::max(most, copies().size() - before);
    bench.publish({.session = "other" + std::to_string(minutes), .tenant = "t2", .value = "a9"});
  }
  std::set<std::string> written;
  for (const auto& each : bench.settled())
    if (each.crm_account() == "a1") written.insert(each.session_id());
  EXPECT_THAT(written, SizeIs(1000));
  EXPECT_THAT(waiting(), IsEmpty());
  for (const auto& record : bench.records("event.deferred")) {
    if (!record.value) continue;
    v1::EventDeferred each;
    ASSERT_TRUE(each.ParseFromString(*record.value));
    EXPECT_EQ(each.kind(), v1::EventDeferred::Kind::waiting);
    EXPECT_EQ(each.tries(), 0) << "to be asked to wait is no try";
  }
  EXPECT_GT(limited, 10);
  EXPECT_LE(most, 50 + 64) << "an account that asks us to wait gets no more than its credit";
}

TEST_F(Release, AnAccountHasNoMoreOnItsWayThanItsCreditAndAnotherItsOwn) {
  start_answering(fails(Cause::NotAuthorized));
  bench.start();
  start_releaser();
  for (int i = 0; i < 300; ++i) bench.publish({.session = std::to_string(i)});
  bench.publish({.session = "other", .value = "a9"});
  bench.advance(5min);
  bench.answers = [](const Unit&, const Context&) { return std::optional<Outcome>(); };
  connect("a1");
  connect("a9");
  bench.advance(10s);
  EXPECT_EQ(copies().size(), 64 + 1);
  const auto others = bench.find("other");
  ASSERT_TRUE(others) << "it did not wait behind the three hundred";
  int answered = 0;
  for (const auto& each : std::vector(bench.held))
    if (each != others && answered++ < 10) bench.answer(*each, settle("written"));
  bench.advance(2s);
  EXPECT_THAT(bench.settled(), SizeIs(10));
  EXPECT_EQ(copies().size(), 64 + 1 + 10) << "as one ends another goes";
}

TEST_F(Release, WhatWasReleasedLongAgoIsNotReleasedWhileItIsBeingRead) {
  const auto topic = bench.settings.topics.of("event.deferred");
  v1::EventDeferred waited;
  waited.set_kind(v1::EventDeferred::Kind::waiting);
  waited.set_attempt(1);
  waited.mutable_event()->set_topic(bench.settings.topics.of("session.finished"));
  waited.mutable_event()->set_key("t1/src/x");
  waited.mutable_event()->set_value("a1");
  const auto at = [&](const std::string& key, std::optional<std::string> value) {
    Draft draft{topic, key, std::move(value), {}};
    draft.partition = 0;
    bench.publish_raw(std::move(draft));
    bench.settle();
  };
  for (int i = 0; i < 100; ++i) at("k" + std::to_string(i), waited.SerializeAsString());
  for (int i = 0; i < 100; ++i) at("k" + std::to_string(i), std::nullopt);
  reads_on = false;
  auto& running = start_releaser();
  bench.advance(10s);
  EXPECT_EQ(running.releaser->deferrals().all().size(), 100);
  EXPECT_EQ(copies().size(), 0);
  reads_on = true;
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (running.releaser->why_not_ready() && std::chrono::steady_clock::now() < until) {
    bench.io.restart();
    bench.io.run_one_for(50ms);
  }
  bench.advance(10s);
  EXPECT_EQ(running.releaser->deferrals().all().size(), 0);
  EXPECT_EQ(copies().size(), 0);
}

TEST_F(Release, WhatIsDeadComesBackOnlyForAPersonAndWithItsTriesForgotten) {
  start_answering(fails(Cause::Rejected));
  bench.start();
  auto& running = start_releaser();
  bench.publish({.session = "x"});
  bench.advance(2h);
  ASSERT_THAT(waiting(), SizeIs(1));
  EXPECT_THAT(copies(), IsEmpty());
  start_answering(settle("written"));
  std::vector<std::string> wanted;
  bench.bus.create("audit", 1);
  boost::asio::co_spawn(
      bench.io,
      running.releaser->want({waiting().begin()->first, "gone"}, "ann", {"audit", "t1", "who", {}},
                             bus::within(5s)),
      [&](std::exception_ptr, Result<std::vector<std::string>> keys) { wanted = keys.value(); });
  bench.advance(2s);
  EXPECT_THAT(wanted, SizeIs(1));
  ASSERT_THAT(copies(), SizeIs(1));
  EXPECT_EQ(header(copies()[0].headers, "ac-tries"), "0");
  EXPECT_EQ(header(copies()[0].headers, "ac-attempt"), "2");
  EXPECT_THAT(bench.settled(), SizeIs(1));
  EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(Release, AfterAMonthWhatIsDeadEndsWithAnOutcomeThatSaysSo) {
  start_answering(fails(Cause::Rejected));
  bench.start();
  start_releaser();
  Bench::Publishing event{.session = "x"};
  event.envelope.first_deferred = truncate(bench.clock.wall()) - 30 * 24h + 1h;
  bench.publish(event);
  bench.advance(59min);
  EXPECT_THAT(waiting(), SizeIs(1));
  EXPECT_THAT(bench.settled(), IsEmpty());
  bench.advance(2min);
  ASSERT_THAT(bench.settled(), SizeIs(1));
  EXPECT_EQ(bench.settled()[0].reason(), "expired");
  EXPECT_EQ(bench.settled()[0].session_id(), "x");
  EXPECT_EQ(bench.settled()[0].crm_account(), "a1");
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(copies(), IsEmpty());
}

TEST_F(Release, TwoInstancesReleaseEachItsOwnAndOneTakesOverTheOthers) {
  start_answering(fails(Cause::Unanswered));
  bench.start();
  auto& first = start_releaser();
  start_releaser();
  for (int i = 0; i < 60; ++i) bench.publish({.session = std::to_string(i)});
  bench.advance(1s);
  ASSERT_THAT(waiting(), SizeIs(60));
  start_answering(settle("written"));
  bench.advance(60s);
  EXPECT_THAT(copies(), SizeIs(60)) << "each once";
  EXPECT_THAT(bench.settled(), SizeIs(60));
  start_answering(fails(Cause::Unanswered));
  for (int i = 0; i < 60; ++i) bench.publish({.session = "more" + std::to_string(i)});
  bench.advance(1s);
  stop(first);
  start_answering(settle("written"));
  bench.advance(60s);
  EXPECT_THAT(waiting(), IsEmpty());
  EXPECT_THAT(copies(), SizeIs(120));
}

TEST_F(Release, AForgedOriginIsNeverPublishedTo) {
  bench.start();
  start_releaser();
  v1::EventDeferred forged;
  forged.set_kind(v1::EventDeferred::Kind::waiting);
  forged.set_attempt(1);
  forged.set_stage("matcher");
  forged.mutable_event()->set_topic(bench.settings.topics.of("session.settled"));
  forged.mutable_event()->set_key("t1/src/x");
  forged.mutable_event()->set_value("anything");
  bench.publish_raw({bench.settings.topics.of("event.deferred"), "k", forged.SerializeAsString(), {}});
  bench.advance(60s);
  EXPECT_THAT(bench.settled(), IsEmpty());
  EXPECT_THAT(waiting(), SizeIs(1));
}

}  // namespace
}  // namespace aftercall::stage::bench
