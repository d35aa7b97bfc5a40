// What every bus promises to those who read for themselves, and to operators.
#include <gmock/gmock.h>

#include "bus_member.hpp"

namespace aftercall::bus {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

class ReaderContract : public testing::TestWithParam<WorldOf> {
 protected:
  std::unique_ptr<World> world = GetParam().make();
  std::unique_ptr<Producer> to = world->bus().producer({});

  void publish(const std::string& topic, int partition, const std::string& key,
               std::optional<std::string> value) {
    Draft draft{topic, key, std::move(value), {}, partition};
    world->run(to->publish(std::move(draft))).value();
  }
  // Everything up to the aim, as "key=value".
  std::vector<std::string> read_to_the_end(Reader& reader) {
    std::vector<std::string> all;
    do {
      const auto some = world->run(reader.read(100, within(30s)));
      for (const Record& record : some.value())
        all.push_back(record.key + "=" + record.value.value_or("(tombstone)"));
    } while (!reader.caught_up());
    return all;
  }
};

TEST_P(ReaderContract, ReadsToTheEndThatItFoundAndThenFollows) {
  const std::string topic = world->topic(2);
  for (int i = 0; i < 5; ++i) publish(topic, 1, "k", std::to_string(i));
  const auto reader = world->bus().reader({{topic, 0}, {topic, 1}});
  EXPECT_FALSE(reader->caught_up()) << "nothing is known yet";
  EXPECT_THAT(read_to_the_end(*reader), ElementsAre("k=0", "k=1", "k=2", "k=3", "k=4"));
  publish(topic, 0, "k", "5");
  const auto more = world->run(reader->read(100, within(30s))).value();
  ASSERT_THAT(more, SizeIs(1));
  EXPECT_EQ(more[0].at, (Position{topic, 0, 0}));
}

TEST_P(ReaderContract, IsAtTheEndOfAnEmptyTopicAtOnce) {
  const std::string topic = world->topic(3);
  const auto reader = world->bus().reader({{topic, 0}, {topic, 1}, {topic, 2}});
  const auto deadline = within(30s);
  EXPECT_THAT(world->run(reader->read(100, deadline)).value(), IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now(), deadline) << "it waited for more";
  EXPECT_TRUE(reader->caught_up());
}

TEST_P(ReaderContract, StartsAtAnOffsetAndGivesNoMoreThanWasAsked) {
  const std::string topic = world->topic(1);
  for (int i = 0; i < 10; ++i) publish(topic, 0, "k", std::to_string(i));
  const auto reader = world->bus().reader({{topic, 0, 6}});
  std::vector<std::int64_t> offsets;
  while (!reader->caught_up()) {
    const auto some = world->run(reader->read(3, within(30s))).value();
    EXPECT_LE(some.size(), 3U);
    for (const Record& record : some) offsets.push_back(record.at.offset);
  }
  EXPECT_THAT(offsets, ElementsAre(6, 7, 8, 9));
}

TEST_P(ReaderContract, AimsAgainWhenAsked) {
  const std::string topic = world->topic(1);
  publish(topic, 0, "a", "1");
  const auto reader = world->bus().reader({{topic, 0}});
  EXPECT_THAT(read_to_the_end(*reader), ElementsAre("a=1"));
  publish(topic, 0, "b", std::nullopt);
  EXPECT_TRUE(reader->caught_up()) << "with the old aim";
  ASSERT_TRUE(world->run(reader->aim(within(30s))));
  EXPECT_FALSE(reader->caught_up());
  EXPECT_THAT(read_to_the_end(*reader), ElementsAre("b=(tombstone)"));
}

// However many they are: a view asks while its fetches wait for what is worth an answer.
TEST_P(ReaderContract, AimsAtSixtyPartitionsWhileNothingArrives) {
  const std::string topic = world->topic(60);
  std::vector<Start> starts;
  for (int partition = 0; partition < 60; ++partition) starts.push_back({topic, partition});
  const auto reader = world->bus().reader(starts, Answers::InLargePieces);
  EXPECT_THAT(read_to_the_end(*reader), IsEmpty());
  for (int partition = 0; partition < 60; ++partition)
    publish(topic, partition, "k", std::to_string(partition));
  ASSERT_TRUE(world->run(reader->aim(within(3s))))
      << "sixty questions one after the other take twice as long";
  EXPECT_THAT(read_to_the_end(*reader), SizeIs(60));
}

TEST_P(ReaderContract, TellsWhichClusterItReadsAndHowFarItReaches) {
  const std::string topic = world->topic(2);
  for (int i = 0; i < 3; ++i) publish(topic, 1, "k", std::to_string(i));
  const auto reader = world->bus().reader({{topic, 0}, {topic, 1, 99}});  // behind the end
  EXPECT_EQ(reader->ground().cluster, "");
  ASSERT_TRUE(world->run(reader->aim(within(30s))));
  const auto ground = reader->ground();
  EXPECT_NE(ground.cluster, "");
  ASSERT_THAT(ground.extents, SizeIs(2));
  EXPECT_EQ(ground.extents[0].next, 0);
  EXPECT_EQ(ground.extents[1].first, 0);
  EXPECT_EQ(ground.extents[1].next, 3);
  const auto another = world->bus().reader({{topic, 0}});
  ASSERT_TRUE(world->run(another->aim(within(30s))));
  EXPECT_EQ(another->ground().cluster, ground.cluster);
}

TEST_P(ReaderContract, SaysThatATopicIsMissing) {
  const auto reader = world->bus().reader({{world->topic(1) + ".none", 0}});
  const auto nothing = world->run(reader->read(10, within(20s)));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().cause, Cause::SetupIncomplete);
}

TEST_P(ReaderContract, AdminCreatesWhatIsMissingAndAltersNothing) {
  const auto admin = world->bus().admin();
  const std::string name = world->topic(1) + ".made";
  const TopicSpec spec{name, 3, 1, {{"cleanup.policy", "compact"}, {"max.compaction.lag.ms", "3600000"}}};
  const auto missing = world->run(admin->compare({spec}, within(30s))).value();
  EXPECT_THAT(missing, ElementsAre(Field(&Difference::property, "exists")));
  const auto first = world->run(admin->create_or_compare({spec}, within(30s))).value();
  EXPECT_THAT(first.created, ElementsAre(name));
  EXPECT_EQ(world->run(to->partitions(name, within(30s))), 3);
  const auto second = world->run(admin->create_or_compare({spec}, within(30s))).value();
  EXPECT_THAT(second.created, IsEmpty());
  EXPECT_THAT(second.differences, IsEmpty());
  TopicSpec other = spec;
  other.partitions = 4;
  other.config["cleanup.policy"] = "delete";
  for (int twice = 0; twice < 2; ++twice) {
    const auto differences = world->run(admin->create_or_compare({other}, within(30s))).value().differences;
    EXPECT_THAT(differences,
                ElementsAre(AllOf(Field(&Difference::property, "partitions"), Field(&Difference::wanted, "4"),
                                  Field(&Difference::found, "3")),
                            AllOf(Field(&Difference::property, "cleanup.policy"),
                                  Field(&Difference::found, "compact"))));
  }
}

asio::awaitable<void> make_all(Admin* admin, std::vector<TopicSpec> specs,
                               std::vector<TopicsReport>* reports) {
  const Deadline deadline = within(30s);
  const auto report = co_await admin->create_or_compare(std::move(specs), deadline);
  reports->push_back(report.value());
}

TEST_P(ReaderContract, OfTwoThatCreateAtOnceEachTopicIsCreatedByOneAndComparedByTheOther) {
  const std::string name = world->topic(1) + ".race";
  std::vector<TopicSpec> specs;
  for (int i = 0; i < 5; ++i) specs.push_back({name + std::to_string(i), 1, 1, {}});
  auto others = specs;
  for (auto& each : others) each.partitions = 2;
  const auto one = world->bus().admin();
  const auto other = world->bus().admin();
  std::vector<TopicsReport> reports;
  world->start(make_all(one.get(), specs, &reports));
  world->start(make_all(other.get(), others, &reports));
  ASSERT_TRUE(world->until([&] { return reports.size() == 2; }));
  EXPECT_EQ(reports[0].created.size() + reports[1].created.size(), 5U);
  EXPECT_EQ(reports[0].differences.size() + reports[1].differences.size(), 5U);
}

TEST_P(ReaderContract, AdminTellsWhereAGroupStandsWhetherItRunsOrNot) {
  const std::string topic = world->topic(2);
  const auto admin = world->bus().admin();
  const auto before = std::chrono::system_clock::now() - 1s;
  for (int i = 0; i < 10; ++i) publish(topic, 1, "k", std::to_string(i));
  const auto unborn = world->run(admin->group(world->group(), topic, within(30s))).value();
  EXPECT_THAT(unborn.members, IsEmpty());
  ASSERT_THAT(unborn.lag, SizeIs(2));
  EXPECT_EQ(unborn.lag[0].events(), 0);
  EXPECT_EQ(unborn.lag[1].events(), 10);
  ASSERT_TRUE(unborn.oldest);
  EXPECT_GE(*unborn.oldest, before);

  Member member(world->bus().consumer({.topic = topic, .group = world->group()}));
  ASSERT_TRUE(world->until([&] { return member.step(), member.count() == 10; }));
  ASSERT_TRUE(world->run(member->commit_now({{1, 10}}, within(30s))));
  const auto alive = world->run(admin->group(world->group(), topic, within(30s))).value();
  ASSERT_THAT(alive.members, SizeIs(1));
  EXPECT_THAT(alive.members[0].partitions, ElementsAre(0, 1));
  EXPECT_EQ(alive.lag[1].events(), 0);
  EXPECT_EQ(alive.oldest, std::nullopt);
}

TEST_P(ReaderContract, AdminFindsOffsetsByTimeAndKnowsHowLongOffsetsAreKept) {
  const std::string topic = world->topic(2);
  const auto admin = world->bus().admin();
  publish(topic, 0, "k", "early");
  const auto reader = world->bus().reader({{topic, 0}});
  const auto early = world->run(reader->read(1, within(30s))).value().at(0).time;
  ASSERT_TRUE(world->until([&] { return std::chrono::system_clock::now() > early + 2ms; }));
  publish(topic, 0, "k", "late");
  EXPECT_EQ(world->run(admin->offsets_at(topic, early, within(30s))), (Offsets{{0, 0}, {1, 0}}));
  EXPECT_EQ(world->run(admin->offsets_at(topic, early + 1ms, within(30s))), (Offsets{{0, 1}, {1, 0}}));
  EXPECT_EQ(world->run(admin->offsets_at(topic, early + 1h, within(30s))), (Offsets{{0, 2}, {1, 0}}));
  EXPECT_EQ(world->run(admin->offsets_retention(within(30s))), std::chrono::minutes(43200));
}

INSTANTIATE_TEST_SUITE_P(Memory, ReaderContract, testing::Values(WorldOf{"Memory", memory_world}));
INSTANTIATE_TEST_SUITE_P(Kafka, ReaderContract, testing::Values(WorldOf{"Kafka", kafka_world}));

}  // namespace
}  // namespace aftercall::bus
