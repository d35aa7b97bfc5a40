#include "crm_writer/ledger.hpp"

#include <gmock/gmock.h>

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "aftercall/events/v1/event_deferred.pb.h"
#include "bus/memory.hpp"
#include "crm_writer/plans_for_tests.hpp"
#include "crm_writer/producers_for_tests.hpp"
#include "wire/delivery_ledger.hpp"

namespace aftercall::crm_writer {
namespace {

const Instant now = instant_of(1'800'000'000'000);
const Artifact anna = note_on("c1", "anna");

// A Kafka with its topics; a test may have another one, as after its disks were lost.
struct Kafka {
  explicit Kafka(asio::io_context& context) : bus(context.get_executor()) {
    bus.create(names.of(wire::topic::delivery_ledger), 1);
    bus.create(names.of(wire::topic::note_ready), 1);
    bus.create(names.of(wire::topic::event_deferred), 1);
    producer = bus.producer({{names.of(wire::topic::delivery_ledger)}});
  }
  wire::TopicNames names;
  bus::MemoryBus bus;
  std::unique_ptr<bus::Producer> producer;
};

class LedgerTest : public testing::Test {
 protected:
  LedgerTest()
      : view_(std::filesystem::temp_directory_path() / ("aftercall-ledger-test-" + std::to_string(getpid()))),
        kafka_(context_) {
    clean();
  }
  ~LedgerTest() override { clean(); }
  void clean() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(view_.string() + end);
  }

  template <class T>
  T run(asio::awaitable<T> task) {
    std::optional<T> out;
    context_.restart();
    asio::co_spawn(context_, std::move(task), [&](const std::exception_ptr& thrown, T value) {
      if (thrown) std::rethrow_exception(thrown);
      out = std::move(value);
      context_.stop();
    });
    context_.run();
    return std::move(*out);
  }

  static std::unique_ptr<Ledger> open(Kafka& kafka, const std::filesystem::path& view = {}) {
    auto opened = Ledger::open(view, kafka.bus, *kafka.producer, kafka.names);
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
  }
  void restore(Ledger& ledger, Instant at = now) {
    const auto restored = run(ledger.restore(0, at));
    ASSERT_TRUE(restored) << restored.error().detail;
  }
  void record(Ledger& ledger, const Plan& plan) {
    std::vector<LedgerRow> rows(1, row_of(plan, anna));
    ASSERT_TRUE(run(ledger.record(0, plan.account, plan.session, std::move(rows))));
  }
  void begin_recording(Ledger& ledger, const Plan& plan, std::optional<Result<void>>* recorded) {
    std::vector<LedgerRow> rows(1, row_of(plan, anna));
    auto recording = ledger.record(0, plan.account, plan.session, std::move(rows));
    asio::co_spawn(context_, std::move(recording), [recorded](const std::exception_ptr&, Result<void> value) {
      *recorded = std::move(value);
    });
  }
  // The partition goes while it is restored, and comes back.
  asio::awaitable<void> restore_anew_and_record(Ledger* ledger, std::optional<Result<void>>* recorded) {
    ledger->forget(0);
    const auto second = co_await ledger->restore(0, now);
    EXPECT_TRUE(second);
    begin_recording(*ledger, plan_of({anna}, 1), recorded);
  }
  void publish(std::string key, std::string value) {
    Draft draft;
    draft.topic = kafka_.names.of(wire::topic::delivery_ledger);
    draft.key = std::move(key);
    draft.value = std::move(value);
    draft.partition = 0;
    ASSERT_TRUE(run(kafka_.producer->publish(std::move(draft))));
  }
  void go_on() {
    context_.restart();
    context_.run();
  }
  // The revision that the ledger says was written; 0 for none.
  static std::int64_t revision_in(const Ledger& ledger) {
    const auto plan = plan_of({anna});
    const auto highest = ledger.standing(0, plan.account, plan.session).highest();
    return highest ? highest->value : 0;
  }

  asio::io_context context_;
  std::filesystem::path view_;
  Kafka kafka_;
};

TEST_F(LedgerTest, AViewOfAnotherKafkaIsNotBelieved) {
  {
    const auto ledger = open(kafka_, view_);
    restore(*ledger);
    for (int revision = 1; revision <= 3; ++revision) record(*ledger, plan_of({anna}, revision));
    restore(*ledger);
  }
  Kafka another(context_);
  const auto ledger = open(another, view_);
  restore(*ledger);
  EXPECT_EQ(revision_in(*ledger), 0) << "what the lost Kafka held was written to nobody's knowledge";
  record(*ledger, plan_of({anna}, 1));
  restore(*ledger);
  EXPECT_EQ(revision_in(*ledger), 1);
}

TEST_F(LedgerTest, AViewThatReachesBehindTheEndIsRebuilt) {
  {
    const auto ledger = open(kafka_, view_);
    restore(*ledger);
    record(*ledger, plan_of({anna}, 7));
    restore(*ledger);
  }
  {
    auto database = view::Database::open(view_, Ledger::schema());
    ASSERT_TRUE(database);
    ASSERT_FALSE(database->begun_anew());
    database->run("UPDATE checkpoint SET next = 1000; DELETE FROM row;");
  }
  const auto ledger = open(kafka_, view_);
  restore(*ledger);
  EXPECT_EQ(revision_in(*ledger), 7);
}

TEST_F(LedgerTest, OfTwoOwnersThatWroteNothingTheSecondHasTheHigherGeneration) {
  const auto first = open(kafka_);
  const auto second = open(kafka_);
  restore(*first);
  restore(*second);
  record(*second, plan_of({anna}, 2));
  record(*first, plan_of({anna}, 1));  // it has not heard yet that the partition is somebody else's
  const auto third = open(kafka_);
  restore(*third);
  EXPECT_EQ(revision_in(*third), 2);
}

TEST_F(LedgerTest, OfTwoThatRestoreAtOnceTheOneThatClaimsLaterHasTheHigherGeneration) {
  const auto earlier = open(kafka_);
  Interrupted producer(*kafka_.producer, [&] { return earlier->restore(0, now); });
  const auto later = Ledger::open({}, kafka_.bus, producer, kafka_.names);
  ASSERT_TRUE(later);
  restore(**later);
  record(**later, plan_of({anna}, 2));
  record(*earlier, plan_of({anna}, 1));
  const auto third = open(kafka_);
  restore(*third);
  EXPECT_EQ(revision_in(*third), 2);
}

TEST_F(LedgerTest, WhatAnEarlierOwnerAddsBetweenTheEndAndTheClaimIsKnown) {
  const auto earlier = open(kafka_);
  restore(*earlier);
  const auto plan = plan_of({anna}, 5);
  Interrupted producer(*kafka_.producer, [&] {
    return earlier->record(0, plan.account, plan.session, std::vector<LedgerRow>(1, row_of(plan, anna)));
  });
  const auto later = Ledger::open({}, kafka_.bus, producer, kafka_.names);
  ASSERT_TRUE(later);
  restore(**later);
  EXPECT_EQ(revision_in(**later), 5);
}

TEST_F(LedgerTest, WhileKafkaIsAwayItSaysSoAndGoesOnUntilEveryRowIsThere) {
  Refusing producer(*kafka_.producer);
  const auto opened = Ledger::open({}, kafka_.bus, producer, kafka_.names);
  ASSERT_TRUE(opened);
  const auto& ledger = *opened;
  restore(*ledger);
  producer.left = 2;
  bool said = false;
  producer.refused = [&] { said = ledger->away().has_value(); };
  record(*ledger, plan_of({anna}, 3));
  EXPECT_TRUE(said);
  EXPECT_EQ(ledger->away(), std::nullopt);
  EXPECT_EQ(revision_in(*ledger), 3);
}

TEST_F(LedgerTest, WhatIsSomebodyElsesByThenIsNotWrittenAnyMore) {
  Refusing producer(*kafka_.producer);
  const auto ledger = Ledger::open({}, kafka_.bus, producer, kafka_.names);
  ASSERT_TRUE(ledger);
  restore(**ledger);
  producer.left = 1;
  producer.refused = [&] { (*ledger)->forget(0); };
  const auto plan = plan_of({anna}, 3);
  std::vector<LedgerRow> rows(1, row_of(plan, anna));
  EXPECT_FALSE(run((*ledger)->record(0, plan.account, plan.session, std::move(rows))));
  EXPECT_EQ((*ledger)->away(), std::nullopt);
}

TEST_F(LedgerTest, ARowThatKafkaRefusesForGoodIsNotTriedAgain) {
  Refusing producer(*kafka_.producer);
  const auto ledger = Ledger::open({}, kafka_.bus, producer, kafka_.names);
  ASSERT_TRUE(ledger);
  restore(**ledger);
  producer.left = 2;
  producer.cause = Cause::TooLong;
  const auto plan = plan_of({anna}, 3);
  std::vector<LedgerRow> rows(1, row_of(plan, anna));
  EXPECT_FALSE(run((*ledger)->record(0, plan.account, plan.session, std::move(rows))));
  EXPECT_EQ(producer.left, 1);
}

TEST_F(LedgerTest, ARestoreThatWasOvertakenTakesNothingFromTheNext) {
  Gated producer(*kafka_.producer);
  const auto opened = Ledger::open({}, kafka_.bus, producer, kafka_.names);
  ASSERT_TRUE(opened);
  auto& ledger = **opened;
  std::optional<Result<void>> recorded;
  producer.meanwhile = [&] { return restore_anew_and_record(&ledger, &recorded); };
  EXPECT_FALSE(run(ledger.restore(0, now)));
  producer.open = true;
  go_on();
  ASSERT_TRUE(recorded);
  EXPECT_TRUE(*recorded) << recorded->error().detail;
  EXPECT_EQ(revision_in(ledger), 1) << "acked by Kafka, and the writer does not know of it";
}

TEST_F(LedgerTest, ARowThatIsAckedAfterThePartitionWentIsNotCalledRecorded) {
  Gated producer(*kafka_.producer);
  const auto opened = Ledger::open({}, kafka_.bus, producer, kafka_.names);
  ASSERT_TRUE(opened);
  auto& ledger = **opened;
  restore(ledger);
  std::optional<Result<void>> recorded;
  begin_recording(ledger, plan_of({anna}, 1), &recorded);
  context_.restart();
  while (!producer.waits) ASSERT_EQ(context_.poll_one(), 1U);
  ledger.forget(0);
  restore(ledger);
  producer.open = true;
  go_on();
  ASSERT_TRUE(recorded);
  EXPECT_FALSE(*recorded);
  EXPECT_EQ(revision_in(ledger), 0);
}

// A newer release's writer runs beside this one.
TEST_F(LedgerTest, WhatANewerReleaseWroteIntoARowStaysInItWhenItIsUpdated) {
  const auto plan = plan_of({anna}, 1);
  const auto row = row_of(plan, anna);
  auto newer = wire::to_wire(row, plan.account, plan.session);
  newer.GetReflection()->MutableUnknownFields(&newer)->AddLengthDelimited(9999, "new");
  auto* target = newer.mutable_target();
  target->GetReflection()->MutableUnknownFields(target)->AddVarint(9999, 5);
  publish(wire::ledger_key(plan.account, plan.session, row.name), newer.SerializeAsString());
  const auto ledger = open(kafka_);
  restore(*ledger);
  record(*ledger, plan_of({anna}, 2));
  const auto records = kafka_.bus.records(kafka_.names.of(wire::topic::delivery_ledger), 0);
  wire::v1::LedgerRow updated;
  ASSERT_TRUE(updated.ParseFromString(*records.back().value));
  EXPECT_EQ(updated.revision().value(), 2);
  const auto& unknown = updated.GetReflection()->GetUnknownFields(updated);
  ASSERT_EQ(unknown.field_count(), 1);
  EXPECT_EQ(unknown.field(0).number(), 9999);
  EXPECT_EQ(unknown.field(0).length_delimited(), "new");
  EXPECT_EQ(updated.target().GetReflection()->GetUnknownFields(updated.target()).field_count(), 1);
}

TEST_F(LedgerTest, ARowThatCannotBeReadCostsItsOwnUnitAlone) {
  auto plan = plan_of({anna}, 1);
  const auto row = row_of(plan, anna);
  publish(wire::ledger_key(plan.account, plan.session, row.name), "\xff is no row");
  auto newer = wire::to_wire(row, plan.account, plan.session);
  newer.set_state(static_cast<wire::v1::LedgerRow::State::Value>(50));
  plan.session.session = SessionId("2");
  publish(wire::ledger_key(plan.account, plan.session, row.name), newer.SerializeAsString());
  const auto ledger = open(kafka_, view_);
  restore(*ledger);
  plan.session.session = SessionId("3");
  std::vector<LedgerRow> rows(1, row);
  EXPECT_TRUE(run(ledger->record(0, plan.account, plan.session, std::move(rows))));
  const auto of = [&](const char* session) {
    return ledger->standing(0, plan.account, {plan.session.tenant, plan.session.source, SessionId(session)});
  };
  EXPECT_FALSE(of("3").unread());
  ASSERT_TRUE(of("1").unread());
  EXPECT_EQ(of("1").unread()->cause, Cause::Malformed);
  EXPECT_THAT(of("1").unread()->detail, testing::HasSubstr("partition 0 offset 0"));
  ASSERT_TRUE(of("2").unread());
  EXPECT_EQ(of("2").unread()->cause, Cause::NeedsNewerStage);
  EXPECT_THAT(ledger->unreadable().value_or(""),
              testing::AllOf(testing::HasSubstr("partition 0 offset 0"), testing::HasSubstr("offset 1")));
}

TEST_F(LedgerTest, ARowThatIsReplacedByOneThatCanBeReadHoldsNobodyAnyMore) {
  const auto plan = plan_of({anna}, 4);
  const auto row = row_of(plan, anna);
  const auto key = wire::ledger_key(plan.account, plan.session, row.name);
  publish(key, "\xff is no row");
  const auto ledger = open(kafka_);
  restore(*ledger);
  ASSERT_TRUE(ledger->unreadable());
  auto mended = wire::to_wire(row, plan.account, plan.session);
  mended.set_generation(1);
  publish(key, mended.SerializeAsString());
  restore(*ledger);
  EXPECT_EQ(ledger->unreadable(), std::nullopt);
  EXPECT_EQ(revision_in(*ledger), 4);
}

TEST_F(LedgerTest, ARowThatNamesNobodyIsKeptAsDeadWithThePlaceWhereItLies) {
  publish("what", "\xff is no row");
  const auto ledger = open(kafka_);
  restore(*ledger);
  record(*ledger, plan_of({anna}, 2));
  EXPECT_EQ(revision_in(*ledger), 2);
  const auto records = kafka_.bus.records(kafka_.names.of(wire::topic::event_deferred), 0);
  ASSERT_THAT(records, testing::SizeIs(1));
  wire::v1::EventDeferred dead;
  ASSERT_TRUE(dead.ParseFromString(*records[0].value));
  EXPECT_EQ(dead.kind(), wire::v1::EventDeferred::Kind::dead);
  EXPECT_EQ(dead.stage(), "crm_writer");
  EXPECT_EQ(dead.event().topic(), kafka_.names.of(wire::topic::delivery_ledger));
  EXPECT_EQ(dead.event().offset(), 0);
}

TEST_F(LedgerTest, ADryRunClaimsNothing) {
  const auto ledger = open(kafka_);
  ASSERT_TRUE(run(ledger->restore(0, now, Ledger::Ownership::None)));
  EXPECT_THAT(kafka_.bus.records(kafka_.names.of(wire::topic::delivery_ledger), 0), testing::IsEmpty());
}

TEST_F(LedgerTest, AnEarlierOwnersRowIsBelievedWhereCompactionLeftNoOther) {
  const auto first = open(kafka_);
  const auto second = open(kafka_);
  restore(*first);
  restore(*second);
  record(*second, plan_of({anna}, 2));
  record(*first, plan_of({anna}, 1));
  kafka_.bus.compact(kafka_.names.of(wire::topic::delivery_ledger));
  const auto third = open(kafka_);
  restore(*third);
  EXPECT_EQ(revision_in(*third), 1) << "better than to write the record a second time";
}

}  // namespace
}  // namespace aftercall::crm_writer
