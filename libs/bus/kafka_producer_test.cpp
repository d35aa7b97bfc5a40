// Only what needs a broker that answers with errors on command.
#include "bus/kafka_producer.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "bus/test_mock.hpp"

namespace aftercall::bus {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Optional;

class KafkaProducerTest : public testing::Test {
 protected:
  template <class T>
  T run(asio::awaitable<T> task) {
    std::optional<T> result;
    asio::co_spawn(io, std::move(task),
                   [&result](const std::exception_ptr&, T value) { result = std::move(value); });
    const Deadline deadline = within(30s);
    while (!result && std::chrono::steady_clock::now() < deadline) io.run_one_for(100ms);
    return result.value();
  }

  MockBroker broker{"notes"};
  asio::io_context io;
  Settings settings{broker.bootstrap(), "test"};
  const Draft draft{"notes", "key", "value", {}, 0};
};

constexpr std::int16_t produce = 0;  // the numbers of Kafka's requests
constexpr std::int16_t init_producer_id = 22;

TEST_F(KafkaProducerTest, IsHealthyWhileRecordsAreAcknowledged) {
  KafkaProducer producer(io.get_executor(), settings, {.topics = {"notes"}});
  EXPECT_TRUE(run(producer.ready(within(20s))));
  EXPECT_TRUE(run(producer.publish(draft)));
  EXPECT_EQ(producer.fatal(), std::nullopt);
}

TEST_F(KafkaProducerTest, TellsAFatalErrorAndFailsWhatIsPublishedAfterwards) {
  broker.answer_next(produce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  KafkaProducer producer(io.get_executor(), settings, {.delivery_timeout = 10s});
  const auto first = run(producer.publish(draft));
  ASSERT_FALSE(first);
  EXPECT_THAT(producer.fatal(), Optional(HasSubstr("OUT_OF_ORDER_SEQUENCE_NUMBER")));
  const auto second = run(producer.publish(draft));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().detail, HasSubstr("notes"));
}

TEST_F(KafkaProducerTest, TellsThatItMayNotPublishAtAll) {
  broker.answer_next(init_producer_id, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
  KafkaProducer producer(io.get_executor(), settings, {.delivery_timeout = 10s});
  const auto failed = run(producer.publish(draft));
  ASSERT_FALSE(failed);
  EXPECT_THAT(producer.fatal(), Optional(HasSubstr("CLUSTER_AUTHORIZATION_FAILED")));
}

TEST_F(KafkaProducerTest, RepeatsWhatMayPassWithoutTheCallerNoticing) {
  broker.answer_next(produce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                     RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
  KafkaProducer producer(io.get_executor(), settings, {.delivery_timeout = 20s});
  EXPECT_TRUE(run(producer.publish(draft)));
}

TEST_F(KafkaProducerTest, RecordsWaitForRoomInAFullQueueAndKeepTheirOrder) {
  KafkaProducer producer(io.get_executor(), settings, {.delivery_timeout = 20s, .queue_bytes = 4096});
  std::vector<std::int64_t> offsets;
  const auto publish = [](Producer& to, Draft what,
                          std::vector<std::int64_t>& into) -> asio::awaitable<void> {
    const Result<Position> ack = co_await to.publish(std::move(what));
    into.push_back(ack ? ack->offset : -1);
  };
  for (int i = 0; i < 50; ++i) {
    const Draft large{"notes", "key", std::string(1000, 'x'), {}, 0};
    asio::co_spawn(io, publish(producer, large, offsets), [](const std::exception_ptr&) {});
  }
  const Deadline deadline = within(20s);
  while (offsets.size() < 50 && std::chrono::steady_clock::now() < deadline) io.run_one_for(100ms);
  std::vector<std::int64_t> expected(50);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_THAT(offsets, testing::ElementsAreArray(expected));
}

}  // namespace
}  // namespace aftercall::bus
