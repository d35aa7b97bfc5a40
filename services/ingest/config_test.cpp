#include "ingest/config.hpp"

#include <gmock/gmock.h>

namespace aftercall::ingest {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<Config> parsed(const std::string& listen) {
  const auto tree = config::parse("[kafka]\nbrokers = \"k:9092\"\n[listen]\n" + listen, "ingest.toml");
  EXPECT_TRUE(tree);
  return parse_config(*tree);
}

TEST(Config, HasDefaults) {
  const auto config = parsed("");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->http.address, "127.0.0.1");
  EXPECT_EQ(config->http.port, 8080);
  EXPECT_EQ(config->kafka.bus.client_id, "ingest");
}

TEST(Config, KeysInPlainTextStayOnThisMachine) {
  const auto open = parsed("address = \"0.0.0.0\"");
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error().detail, AllOf(HasSubstr("ingest.toml:4"), HasSubstr("tls_ends_before")));
  EXPECT_TRUE(parsed("address = \"0.0.0.0\"\ntls_ends_before = true"));
  EXPECT_TRUE(parsed("address = \"0.0.0.0\"\ncert_file = \"a\"\nkey_file = \"b\""));
  EXPECT_TRUE(parsed("address = \"::1\""));
}

TEST(Config, EveryMistakeIsToldAtOnce) {
  const auto wrong = parsed("port = 70000\ncert_file = \"a\"\nadress = \"x\"");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().detail,
              AllOf(HasSubstr("port"), HasSubstr("belong together"), HasSubstr("adress")));
}

}  // namespace
}  // namespace aftercall::ingest
