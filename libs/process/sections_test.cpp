#include "process/sections.hpp"

#include <gtest/gtest.h>

namespace aftercall::process {
namespace {

TEST(Sections, ASecurityPropertyThatIsNotAllowedIsNamedWithItsLine) {
  const auto tree = config::parse(
      "[kafka]\nbrokers = \"k:9092\"\n[kafka.security]\n\"ssl.engine.location\" = \"x\"\n", "a.toml");
  ASSERT_TRUE(tree);
  read_kafka(*tree, "matcher");
  const auto finished = tree->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(
      finished.error().detail.find("a.toml:4: kafka.security.ssl.engine.location: no security property"), 0U)
      << finished.error().detail;
}

TEST(Sections, AMissingBrokerAndAnUnknownKeyAreToldTogether) {
  const auto tree = config::parse("[kafka]\nbroker = \"k:9092\"\n[stage]\nslotz = 3\n", "a.toml");
  ASSERT_TRUE(tree);
  read_stage(*tree, "matcher", {"session.finished"});
  const auto finished = tree->finish();
  ASSERT_FALSE(finished);
  EXPECT_NE(finished.error().detail.find("brokers"), std::string::npos);
  EXPECT_NE(finished.error().detail.find("a.toml:4"), std::string::npos) << finished.error().detail;
}

TEST(Sections, AnAbsentSectionKeepsTheDefaults) {
  const auto tree = config::parse("[kafka]\nbrokers = \"k:9092\"\n", "a.toml");
  const auto settings = read_stage(*tree, "matcher", {"session.finished", {"contact.matched"}});
  EXPECT_EQ(settings.kafka.bus.client_id, "matcher");
  EXPECT_EQ(settings.stage.topics.of(settings.stage.input), "aftercall.session.finished.v1");
  EXPECT_EQ(settings.stage.bounds.slots, stage::Bounds{}.slots);
  EXPECT_TRUE(tree->finish());
}

}  // namespace
}  // namespace aftercall::process
