// What every bus promises while its broker is away, and when it comes back.
#include <gmock/gmock.h>

#include "bus_member.hpp"

namespace aftercall::bus {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class OutageContract : public testing::TestWithParam<WorldOf> {
 protected:
  std::unique_ptr<World> world = GetParam().make();
  bool is_down = false;

  void down(bool now) {
    world->down(now);
    is_down = now;
  }
  void TearDown() override {
    if (is_down) down(false);
  }
  // Its session outlives the outage, however slowly the broker comes back.
  ConsumerSettings patient_member(const std::string& topic) const {
    return {.topic = topic, .group = world->group(), .session_timeout = 30s};
  }
  static asio::awaitable<void> publish(Producer& to, Draft draft, std::optional<Result<Position>>& ack) {
    Result<Position> answer = co_await to.publish(std::move(draft));
    ack = std::move(answer);
  }
};

TEST_P(OutageContract, PublishingFailsByItsDeadlineAndWorksAgainAfterwards) {
  const std::string topic = world->topic(1);
  const auto hurried = world->bus().producer({.delivery_timeout = 1500ms});
  const Draft draft{topic, "key", "value", {}, 0};
  ASSERT_TRUE(world->run(hurried->publish(draft)));
  down(true);
  const auto start = std::chrono::steady_clock::now();
  const auto failed = world->run(hurried->publish(draft));
  const auto took = std::chrono::steady_clock::now() - start;
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().cause, Cause::Timeout);
  EXPECT_GE(took, 1s);
  EXPECT_LT(took, 2500ms);
  down(false);
  EXPECT_TRUE(world->until([&] { return world->run(hurried->publish(draft)).has_value(); }));
  EXPECT_EQ(hurried->fatal(), std::nullopt);
}

TEST_P(OutageContract, WhatWaitsIsPublishedWhenTheBrokerIsBackAndTheGroupGoesOn) {
  const std::string topic = world->topic(1);
  const auto patient = world->bus().producer({.delivery_timeout = 60s});
  Member member(world->bus().consumer(patient_member(topic)));
  const Draft before{topic, "key", "before", {}, 0};
  ASSERT_TRUE(world->run(patient->publish(before)));
  ASSERT_TRUE(world->until([&] { return member.step(), member.count() == 1; }));
  down(true);
  std::optional<Result<Position>> ack;
  const Draft during{topic, "key", "during", {}, 0};
  world->start(publish(*patient, during, ack));
  EXPECT_FALSE(world->run(member->commit_now({{0, 1}}, within(300ms)))) << "nobody answers";
  EXPECT_FALSE(ack);
  down(false);
  ASSERT_TRUE(world->until([&] { return member.step(), ack.has_value(); }));
  EXPECT_TRUE(ack->has_value()) << "published across the outage";
  EXPECT_TRUE(world->until([&] { return member.step(), member.count() >= 2; }));
  EXPECT_THAT(member.values(0), ElementsAre("before", "during"));
  EXPECT_TRUE(world->until([&] {
    member.step();
    return world->run(member->commit_now({{0, 2}}, within(5s))).has_value();
  }));
}

TEST_P(OutageContract, AWishToCommitOutlivesTheOutage) {
  const std::string topic = world->topic(1);
  const auto to = world->bus().producer({});
  Member member(world->bus().consumer(patient_member(topic)));
  const Draft draft{topic, "key", "value", {}, 0};
  ASSERT_TRUE(world->run(to->publish(draft)));
  ASSERT_TRUE(world->until([&] { return member.step(), member.count() == 1; }));
  down(true);
  member->commit({{0, 1}});
  EXPECT_FALSE(world->until([] { return false; }, 300ms));
  down(false);
  const auto admin = world->bus().admin();
  EXPECT_TRUE(world->until([&] {
    member.step();
    const auto state = world->run(admin->group(world->group(), topic, within(5s)));
    return state && state->lag.at(0).committed == 1;
  }));
}

INSTANTIATE_TEST_SUITE_P(Memory, OutageContract, testing::Values(WorldOf{"Memory", memory_world}));
INSTANTIATE_TEST_SUITE_P(Kafka, OutageContract, testing::Values(WorldOf{"Kafka", own_kafka_world}));

}  // namespace
}  // namespace aftercall::bus
