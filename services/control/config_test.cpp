#include "control/config.hpp"

#include <gmock/gmock.h>

namespace aftercall::control {
namespace {

using testing::HasSubstr;

Result<Config> parse(const std::string& text) {
  const auto tree = config::parse(text, "control.toml");
  if (!tree) return tl::unexpected(tree.error());
  return parse_config(*tree);
}

const std::string least =
    "[kafka]\nbrokers = \"127.0.0.1:9092\"\n[secrets]\nkey_ring = \"keys.toml\"\n[grpc]\ntokens_file = "
    "\"tokens.toml\"\n";

TEST(Config, NeedsBrokersTokensAndKeysAndTakesTheRestAsItIs) {
  const auto config = parse(least);
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->listen.address, "127.0.0.1");
  EXPECT_EQ(config->group(), "aftercall.control");
  EXPECT_FALSE(config->rules.allow_loopback);
  EXPECT_EQ(config->probe_every, std::chrono::minutes(15));
}

TEST(Config, TakesHowOftenWhatIsBlockedIsProbed) {
  EXPECT_EQ(parse(least + "[crm]\nprobe_every = \"2s\"\n")->probe_every, std::chrono::seconds(2));
  EXPECT_FALSE(parse(least + "[crm]\nprobe_every = \"0s\"\n"));
}

TEST(Config, NamesEveryMistakeAtOnce) {
  const auto config = parse("[grpc]\nadress = \"x\"\nport = 99999\n[secrets]\n");
  ASSERT_FALSE(config);
  for (const auto* what : {"brokers", "tokens_file", "key_ring", "control.toml:2", "control.toml:3"})
    EXPECT_THAT(config.error().detail, HasSubstr(what));
}

TEST(Config, RefusesPlainTextOnANetwork) {
  EXPECT_THAT(parse(least + "address = \"0.0.0.0\"\n").error().detail, HasSubstr("not loopback"));
  EXPECT_TRUE(parse(least + "address = \"0.0.0.0\"\ncert_file = \"c.pem\"\nkey_file = \"k.pem\"\n"));
  EXPECT_FALSE(parse(least + "cert_file = \"c.pem\"\n"));
}

TEST(OnlyLoopback, IsNotAnyAddress) {
  for (const auto* address : {"127.0.0.1", "127.8.8.8", "::1", "localhost"})
    EXPECT_TRUE(only_loopback(address)) << address;
  for (const auto* address :
       {"0.0.0.0", "::", "0:0:0:0:0:0:0:0", "192.0.2.1", "example.com", "", "::ffff:0.0.0.0"})
    EXPECT_FALSE(only_loopback(address)) << address;
}

}  // namespace
}  // namespace aftercall::control
