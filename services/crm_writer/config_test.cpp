#include "crm_writer/config.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace aftercall::crm_writer {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<Config> parsed(const std::string& sections) {
  const auto token = testing::TempDir() + "crm_writer_config_test_token";
  std::ofstream(token) << "t";
  const auto tree = config::parse("[kafka]\nbrokers = \"k:9092\"\n[control]\naddress = \"c:1\"\n" +
                                      ("token = { file = \"" + token + "\" }\n") + sections,
                                  "crm_writer.toml");
  EXPECT_TRUE(tree);
  return parse_config(*tree);
}

TEST(Config, LooksForWhatIsInDoubtAfterHalfAMinuteAndTwo) {
  const auto config = parsed("");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->looks.first, std::chrono::seconds(30));
  EXPECT_EQ(config->looks.second, std::chrono::minutes(2));
  EXPECT_TRUE(parsed("[doubt]\nfirst_look = \"1m\"\nsecond_look = \"3m\""));
}

TEST(Config, LooksSoonerOnlyAtASimulator) {
  const std::string soon = "[doubt]\nfirst_look = \"2s\"\nsecond_look = \"5s\"\n";
  const auto refused = parsed(soon);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, AllOf(HasSubstr("at least 30s"), HasSubstr("at least 2m")));
  EXPECT_TRUE(parsed(soon + "[crm]\nallow_loopback = true"));
}

}  // namespace
}  // namespace aftercall::crm_writer
