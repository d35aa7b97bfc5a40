#include "cli/topics_settings.hpp"

#include <gmock/gmock.h>

#include <cstdio>
#include <fstream>

namespace aftercall::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TopicsOptions options_with(const std::string& text) {
  TopicsOptions options;
  options.config = testing::TempDir() + "topics_settings_test.toml";
  std::ofstream(options.config) << text;
  return options;
}

TEST(TopicsSettings, TheOptionsSayItWithoutAFile) {
  TopicsOptions options;
  options.brokers = "k1:9092";
  options.prefix = "ours.";
  const auto kafka = kafka_of(options);
  ASSERT_TRUE(kafka);
  EXPECT_EQ(kafka->bus.bootstrap, "k1:9092");
  EXPECT_EQ(kafka->topics.of("audit"), "ours.audit.v1");
  EXPECT_TRUE(kafka->bus.security.empty());
}

TEST(TopicsSettings, AServicesFileSaysItWithItsSecurityWhateverElseItHolds) {
  const auto kafka = kafka_of(
      options_with("[kafka]\nbrokers = \"k1:9093\"\ntopic_prefix = \"ours.\"\nclient_id = \"ingest\"\n"
                   "[kafka.security]\n\"security.protocol\" = \"SASL_SSL\"\n\"sasl.password\" = \"p\"\n"
                   "[listen]\naddress = \"127.0.0.1\"\n"));
  ASSERT_TRUE(kafka) << kafka.error().detail;
  EXPECT_EQ(kafka->bus.bootstrap, "k1:9093");
  EXPECT_EQ(kafka->bus.client_id, "aftercall-cli");
  EXPECT_EQ(kafka->topics.of("audit"), "ours.audit.v1");
  EXPECT_EQ(kafka->bus.security.at("security.protocol").reveal(), "SASL_SSL");
}

TEST(TopicsSettings, AMistakeInTheFilesKafkaIsToldWithItsLine) {
  const auto kafka = kafka_of(
      options_with("[kafka]\nbrokers = \"k:9092\"\n[kafka.security]\n\"ssl.engine.location\" = \"x\"\n"
                   "[listen]\nadress = 3\n"));
  ASSERT_FALSE(kafka);
  EXPECT_THAT(kafka.error().detail, HasSubstr(":4: kafka.security.ssl.engine.location"));
  EXPECT_THAT(kafka.error().detail, Not(HasSubstr("adress")));
}

}  // namespace
}  // namespace aftercall::cli
