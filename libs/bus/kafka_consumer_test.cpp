// Only what needs a broker that answers with errors on command.
#include "bus/kafka_consumer.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "bus/test_mock.hpp"

namespace aftercall::bus {
namespace {

using namespace std::chrono_literals;

constexpr std::int16_t offset_commit = 8;  // the numbers of Kafka's requests

class KafkaConsumerTest : public testing::Test {
 protected:
  std::unique_ptr<KafkaConsumer> member_of(const std::string& group) {
    ConsumerSettings own{.topic = "notes", .group = group, .session_timeout = 4s};
    return std::make_unique<KafkaConsumer>(io.get_executor(), Settings{broker.bootstrap(), group}, own);
  }
  template <class Condition>
  bool until(Condition holds, std::chrono::milliseconds time) {
    const Deadline deadline = within(time);
    while (!holds() && std::chrono::steady_clock::now() < deadline) io.run_one_for(10ms);
    return holds();
  }

  MockBroker broker{"notes"};
  asio::io_context io;
};

bool owns(KafkaConsumer& member) {
  if (member.change()) member.accept();
  return member.lag().size() == 1;
}

bool has_committed(KafkaConsumer& member) {
  if (!owns(member)) return false;
  member.commit({{0, 1}});
  return member.lag()[0].committed == 1;
}

// A broker that has just started is asked to commit before it knows which groups it coordinates. librdkafka
// 2.0.2 then asks who does, and when its connection to the coordinator came back before the other one, it
// asks on the very connection that it gives up in the same moment. Several members, so that it happens to one
// of them.
TEST_F(KafkaConsumerTest, ABrokerThatCameBackAndDoesNotYetCoordinateIsSoonCommittedTo) {
  std::array<std::unique_ptr<KafkaConsumer>, 8> members;
  for (std::size_t i = 0; i < members.size(); ++i) members[i] = member_of("group-" + std::to_string(i));
  for (const auto& member : members) ASSERT_TRUE(until([&] { return owns(*member); }, 20s));
  broker.down(true);
  for (const auto& member : members) member->commit({{0, 1}});
  EXPECT_FALSE(until([&] { return has_committed(*members[0]); }, 2s));
  for (std::size_t i = 0; i < 2 * members.size(); ++i)
    broker.answer_next(offset_commit, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  broker.down(false);
  for (const auto& member : members)
    EXPECT_TRUE(until([&] { return has_committed(*member); }, 15s)) << "it waits for nobody's answer";
}

}  // namespace
}  // namespace aftercall::bus
