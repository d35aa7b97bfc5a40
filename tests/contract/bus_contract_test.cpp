// What every bus promises to its users; run against the one in memory and against a real Kafka.
#include <gmock/gmock.h>

#include <numeric>

#include "bus/publish_all.hpp"
#include "bus_member.hpp"

namespace aftercall::bus {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

class BusContract : public testing::TestWithParam<WorldOf> {
 protected:
  std::unique_ptr<World> world = GetParam().make();

  std::unique_ptr<Producer> producer() { return world->bus().producer({.delivery_timeout = 20s}); }
  ConsumerSettings settings(const std::string& topic) const {
    return {.topic = topic, .group = world->group(), .session_timeout = 3s, .max_poll_interval = 20s};
  }
  Member member(const std::string& topic) { return Member(world->bus().consumer(settings(topic))); }

  Position publish(Producer& to, const std::string& topic, int partition, std::string value) {
    Draft draft{topic, "key", std::move(value), {}, partition};
    return world->run(to.publish(std::move(draft))).value();
  }
  static asio::awaitable<void> publish_into(Producer& to, Draft draft, std::vector<Result<Position>>& acks) {
    Result<Position> ack = co_await to.publish(std::move(draft));
    acks.push_back(std::move(ack));
  }
  void publish_numbers(Producer& to, const std::string& topic, int partition, int from, int until) {
    for (int i = from; i < until; ++i) publish(to, topic, partition, std::to_string(i));
  }
  static std::vector<std::string> numbers(int from, int until) {
    std::vector<std::string> all;
    for (int i = from; i < until; ++i) all.push_back(std::to_string(i));
    return all;
  }
  static std::set<int> all(int partitions) {
    std::set<int> set;
    for (int i = 0; i < partitions; ++i) set.insert(i);
    return set;
  }
};

TEST_P(BusContract, SeveralPublishedAtOnceAreStoredInTheirOrderAndEachIsAnswered) {
  const std::string topic = world->topic(1);
  const auto to = producer();
  std::vector<Draft> drafts;
  for (int i = 0; i < 20; ++i) drafts.push_back({topic, "key", std::to_string(i), {}, 0});
  drafts[7].value = std::string(4UL << 20U, 'x');  // longer than a record may be
  const auto acks = world->run(publish_all(*to, std::move(drafts)));
  ASSERT_THAT(acks, SizeIs(20));
  std::int64_t next = 0;
  for (std::size_t i = 0; i < acks.size(); ++i) {
    ASSERT_EQ(acks[i].has_value(), i != 7) << i;
    if (acks[i]) {
      EXPECT_EQ(acks[i]->offset, next++);
    }
  }
  EXPECT_THAT(world->run(publish_all(*to, {})), IsEmpty());
}

TEST_P(BusContract, APartitionGivesItsRecordsInTheOrderOfPublishing) {
  const std::string topic = world->topic(2);
  const auto to = producer();
  // Not one after the other: all are on their way together, as a stage has them.
  std::vector<Result<Position>> acks;
  auto reader = member(topic);
  for (int i = 0; i < 300; ++i) {
    Draft draft{topic, "same key", std::to_string(i), {}, std::nullopt};
    world->start(publish_into(*to, std::move(draft), acks));
  }
  ASSERT_TRUE(world->until([&] { return acks.size() == 300; }));
  const int partition = acks.front().value().partition;
  for (std::size_t i = 0; i < acks.size(); ++i) {
    ASSERT_TRUE(acks[i]) << acks[i].error().detail;
    EXPECT_EQ(acks[i]->partition, partition) << "one key, one partition";
    EXPECT_EQ(acks[i]->offset, static_cast<std::int64_t>(i));
    EXPECT_EQ(acks[i]->topic, topic);
  }
  ASSERT_TRUE(world->until([&] { return reader.step(), reader.count() == 300; }));
  EXPECT_THAT(reader.values(partition), ElementsAreArray(numbers(0, 300)));
  EXPECT_EQ(reader.got[partition][7].at, (Position{topic, partition, 7}));
}

TEST_P(BusContract, ARecordComesBackByteForByte) {
  const std::string topic = world->topic(1);
  const auto to = producer();
  const Headers headers{{"ce_id", "1"}, {"bytes", std::string("\0\xff\n\"", 4)}, {"empty", ""}};
  const std::string key("k\0ey", 4);
  const auto before = std::chrono::system_clock::now() - 1s;
  const Draft full{topic, key, std::string("\0\x80value", 7), headers, 0};
  const Draft empty{topic, key, "", {}, 0};
  const Draft tombstone{topic, key, std::nullopt, headers, 0};
  for (const Draft& draft : {full, empty, tombstone}) ASSERT_TRUE(world->run(to->publish(draft)));
  auto reader = member(topic);
  ASSERT_TRUE(world->until([&] { return reader.step(), reader.count() == 3; }));
  const auto& got = reader.got[0];
  EXPECT_EQ(got[0].key, key);
  EXPECT_THAT(got[0].value, Optional(Eq(*full.value)));
  EXPECT_THAT(got[0].headers, ElementsAreArray(headers));
  EXPECT_THAT(got[1].value, Optional(Eq(""))) << "an empty value is no tombstone";
  EXPECT_THAT(got[1].headers, IsEmpty());
  EXPECT_EQ(got[2].value, std::nullopt);
  EXPECT_THAT(got[2].headers, ElementsAreArray(headers));
  EXPECT_GE(got[0].time, before);
  EXPECT_LE(got[0].time, std::chrono::system_clock::now() + 1s);
}

TEST_P(BusContract, ARecordOfOneAndAHalfMegabytesPassesAndOneOfFourIsRefused) {
  const std::string topic = world->topic(1);
  const auto to = producer();
  std::string large(1'500'000, 'x');
  for (std::size_t i = 0; i < large.size(); i += 7) large[i] = static_cast<char>('a' + i % 23);
  publish(*to, topic, 0, large);
  auto reader = member(topic);
  ASSERT_TRUE(world->until([&] { return reader.step(), reader.count() == 1; }));
  EXPECT_TRUE(reader.got[0][0].value == large);
  const Draft too_large{topic, "key", std::string(4'000'000, 'x'), {}, 0};
  const auto refused = world->run(to->publish(too_large));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause, Cause::TooLong);
}

TEST_P(BusContract, APartitionThatIsNotReadHoldsItsRecordsWhileOthersFlow) {
  const std::string topic = world->topic(2);
  const auto to = producer();
  auto reader = member(topic);
  reader.unread = {0};
  publish_numbers(*to, topic, 0, 0, 50);
  publish_numbers(*to, topic, 1, 0, 50);
  ASSERT_TRUE(world->until([&] { return reader.step(), reader.got[1].size() == 50; }));
  publish_numbers(*to, topic, 1, 50, 80);
  ASSERT_TRUE(world->until([&] { return reader.step(), reader.got[1].size() == 80; }));
  EXPECT_THAT(reader.got[0], IsEmpty());
  reader.unread.clear();
  ASSERT_TRUE(world->until([&] { return reader.step(), reader.got[0].size() == 50; }));
  EXPECT_THAT(reader.values(0), ElementsAreArray(numbers(0, 50)));
  EXPECT_THAT(reader.values(1), ElementsAreArray(numbers(0, 80)));
}

TEST_P(BusContract, AnotherMemberGetsNothingBeforeTheRevocationIsAccepted) {
  const std::string topic = world->topic(4);
  auto first = member(topic);
  ASSERT_TRUE(world->until([&] { return first.step(), first.owned == all(4); }));
  first.answers = false;
  auto second = member(topic);
  ASSERT_TRUE(world->until([&] { return second.step(), first->change().has_value(); }));
  const auto change = first->change();
  ASSERT_TRUE(std::holds_alternative<Revoked>(*change));
  EXPECT_THAT(std::get<Revoked>(*change).partitions, SizeIs(4));
  EXPECT_FALSE(world->until([&] { return second.step(), !second.owned.empty(); }, 500ms));
  EXPECT_TRUE(world->run(first->commit_now({{0, 0}}, within(10s)))) << "time to commit";
  first.answers = true;
  ASSERT_TRUE(world->until(
      [&] { return first.step(), second.step(), first.owned.size() == 2 && second.owned.size() == 2; }));
  std::set<int> both = first.owned;
  both.insert(second.owned.begin(), second.owned.end());
  EXPECT_EQ(both, all(4));
}

TEST_P(BusContract, ARevokedPartitionGivesNoMoreRecords) {
  const std::string topic = world->topic(1);
  const auto to = producer();
  publish_numbers(*to, topic, 0, 0, 10);
  auto first = member(topic);
  first.unread = {0};
  ASSERT_TRUE(world->until([&] { return first.step(), first.owned == all(1); }));
  ASSERT_TRUE(world->until([&] { return first->take(0).has_value(); }));  // so the others are fetched, too
  first.answers = false;
  auto second = member(topic);
  ASSERT_TRUE(world->until([&] { return second.step(), first->change().has_value(); }));
  EXPECT_EQ(first->take(0), std::nullopt);
}

TEST_P(BusContract, AfterAMemberLeftTheOtherHasEverythingAndGoesOnWhereItStood) {
  const std::string topic = world->topic(4);
  const auto to = producer();
  auto first = member(topic);
  ASSERT_TRUE(world->until([&] { return first.step(), first.owned == all(4); }));
  auto second = member(topic);
  ASSERT_TRUE(world->until(
      [&] { return first.step(), second.step(), first.owned.size() == 2 && second.owned.size() == 2; }));
  for (int partition = 0; partition < 4; ++partition) publish_numbers(*to, topic, partition, 0, 10);
  ASSERT_TRUE(
      world->until([&] { return first.step(), second.step(), first.count() == 20 && second.count() == 20; }));
  Offsets done;
  for (const int partition : second.owned) done[partition] = 7;
  ASSERT_TRUE(world->run(second->commit_now(done, within(10s))));
  const std::set<int> left_behind = second.owned;
  world->run(second->leave(within(10s)));
  second.owned.clear();
  first.got.clear();
  ASSERT_TRUE(world->until([&] { return first.step(), first.owned == all(4); }));
  for (const int partition : left_behind) {
    EXPECT_EQ(first.committed.at(partition), 7);
    ASSERT_TRUE(world->until([&] { return first.step(), first.got[partition].size() == 3; }));
    EXPECT_THAT(first.values(partition), ElementsAreArray(numbers(7, 10)));
  }
}

TEST_P(BusContract, AMemberThatDiedLosesItsPartitionsToAnother) {
  const std::string topic = world->topic(2);
  auto first = member(topic);
  ASSERT_TRUE(world->until([&] { return first.step(), first.owned == all(2); }));
  auto second = member(topic);
  ASSERT_TRUE(world->until([&] { return first.step(), second.step(), second.owned.size() == 1; }));
  first.die();
  EXPECT_TRUE(world->until([&] { return second.step(), second.owned == all(2); }));
}

TEST_P(BusContract, WhatWasCommittedInPassingIsWhereTheNextMemberStarts) {
  const std::string topic = world->topic(1);
  const auto to = producer();
  publish_numbers(*to, topic, 0, 0, 20);
  const auto admin = world->bus().admin();
  {
    auto first = member(topic);
    ASSERT_TRUE(world->until([&] { return first.step(), first.count() == 20; }));
    EXPECT_THAT(first.committed, IsEmpty());
    for (int offset = 1; offset <= 12; ++offset) first->commit({{0, offset}});
    first->commit({{0, 3}});  // late news
    const auto committed = [&] {
      first.step();
      const auto state = world->run(admin->group(world->group(), topic, within(10s)));
      return state && state->lag.at(0).committed == 12;
    };
    ASSERT_TRUE(world->until(committed));
    world->run(first->leave(within(10s)));
  }
  auto second = member(topic);
  ASSERT_TRUE(world->until([&] { return second.step(), second.count() == 8; }));
  EXPECT_EQ(second.committed, (Offsets{{0, 12}}));
  EXPECT_THAT(second.values(0), ElementsAreArray(numbers(12, 20)));
}

TEST_P(BusContract, AMemberThatTheGroupWentOnWithoutCannotCommitAndHearsOfIt) {
  const std::string topic = world->topic(2);
  const auto to = producer();
  publish_numbers(*to, topic, 0, 0, 10);
  Member zombie(world->outsider(settings(topic)));
  ASSERT_TRUE(world->until([&] { return zombie.step(), zombie.owned == all(2) && zombie.count() == 10; }));
  auto heir = member(topic);
  world->expel(*zombie, [&] { return heir.step(), heir.owned == all(2) && heir.count() == 10; });
  EXPECT_FALSE(world->run(zombie->commit_now({{0, 10}}, within(10s))));
  zombie->commit({{0, 10}});
  ASSERT_TRUE(world->until([&] { return zombie.step(), heir.step(), zombie.takings > 0; }));
  const auto admin = world->bus().admin();
  const auto state = world->run(admin->group(world->group(), topic, within(10s)));
  ASSERT_TRUE(state) << state.error().detail;
  EXPECT_EQ(state->lag.at(0).committed, std::nullopt);
  EXPECT_TRUE(world->until([&] {
    return zombie.step(), heir.step(), zombie.owned.size() == 1 && heir.owned.size() == 1;
  })) << "it may come back";
}

TEST_P(BusContract, AMemberTellsItsLag) {
  const std::string topic = world->topic(1);
  const auto to = producer();
  publish_numbers(*to, topic, 0, 0, 10);
  auto reader = member(topic);
  ASSERT_TRUE(world->until([&] { return reader.step(), reader.count() == 10; }));
  ASSERT_THAT(reader->lag(), SizeIs(1));
  EXPECT_EQ(reader->lag()[0].events(), 10);
  ASSERT_TRUE(world->run(reader->commit_now({{0, 4}}, within(10s))));
  EXPECT_EQ(reader->lag()[0].committed, 4);
  EXPECT_EQ(reader->lag()[0].events(), 6);
}

TEST_P(BusContract, MoreMembersThanPartitionsLeaveOneWithNothing) {
  const std::string topic = world->topic(1);
  auto first = member(topic);
  auto second = member(topic);
  const auto settled = [&] {
    first.step();
    second.step();
    return first.owned.size() + second.owned.size() == 1;
  };
  EXPECT_TRUE(world->until(settled));
}

TEST_P(BusContract, AnUnknownTopicIsASetupThatIsIncomplete) {
  const std::string topic = world->topic(1);
  const auto to = producer();
  EXPECT_EQ(world->run(to->partitions(topic, within(10s))), 1);
  const auto count = world->run(to->partitions(topic + ".none", within(10s)));
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().cause, Cause::SetupIncomplete);
  const Draft draft{topic + ".none", "key", "value", {}, std::nullopt};
  const auto ack = world->run(to->publish(draft));
  ASSERT_FALSE(ack);
  EXPECT_EQ(ack.error().cause, Cause::SetupIncomplete);
  EXPECT_TRUE(world->run(to->flush(within(10s))));
  EXPECT_EQ(to->fatal(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Memory, BusContract, testing::Values(WorldOf{"Memory", memory_world}));
INSTANTIATE_TEST_SUITE_P(Kafka, BusContract, testing::Values(WorldOf{"Kafka", kafka_world}));

}  // namespace
}  // namespace aftercall::bus
