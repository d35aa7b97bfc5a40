#include "config/tree.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace aftercall::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Tree tree_of(std::string_view text) {
  auto tree = parse(text, "test.toml");
  EXPECT_TRUE(tree) << tree.error().detail;
  return tree.value();
}

std::string wrongs_of(const Tree& tree) {
  const auto end = tree.finish();
  return end ? "" : end.error().detail;
}

TEST(Config, ReadsWhatIsThereAndKeepsTheDefaultsOfWhatIsNot) {
  const auto tree = tree_of(R"(
name = "writer"
[kafka]
brokers = ["a:9092", "b:9092"]
linger = "5 ms"
patience = "1.5h"
tries = 8
memory = "8MiB"
on = true
[kafka.extra]
"x.y" = "z"
)");
  std::string name;
  std::string absent = "default";
  std::vector<std::string> brokers;
  std::chrono::milliseconds linger{0};
  std::chrono::seconds patience{0};
  std::optional<int> tries;
  std::size_t memory = 0;
  bool on = false;
  std::map<std::string, std::string> extra;
  auto root = tree.root();
  EXPECT_TRUE(root.read("name", name));
  EXPECT_FALSE(root.read("absent", absent));
  auto kafka = root.table("kafka");
  kafka.read("brokers", brokers);
  kafka.read("linger", linger);
  kafka.read("patience", patience);
  kafka.read("tries", tries);
  kafka.read_bytes("memory", memory);
  kafka.read("on", on);
  kafka.read("extra", extra);
  EXPECT_EQ(wrongs_of(tree), "");
  EXPECT_EQ(name, "writer");
  EXPECT_EQ(absent, "default");
  EXPECT_THAT(brokers, ElementsAre("a:9092", "b:9092"));
  EXPECT_EQ(linger, 5ms);
  EXPECT_EQ(patience, 90min);
  EXPECT_EQ(tries, 8);
  EXPECT_EQ(memory, 8U * 1024 * 1024);
  EXPECT_TRUE(on);
  EXPECT_EQ(extra.at("x.y"), "z");
}

TEST(Config, TellsEveryMistakeAtOnceWithItsLineInTheFilesOrder) {
  const auto tree = tree_of(R"(colour = "red"
[kafka]
linger = "soon"
port = 70000
tries = "many"
brokerz = "a"
[nobody]
knows = 1
this = 2
)");
  std::chrono::milliseconds linger{7};
  unsigned short port = 1;
  int tries = 2;
  std::string brokers;
  auto kafka = tree.root().table("kafka");
  kafka.read("tries", tries);
  kafka.read("port", port);
  kafka.read("linger", linger);
  kafka.require("brokers", brokers);
  EXPECT_EQ(wrongs_of(tree),
            "test.toml:1: unknown colour\n"
            "test.toml:2: missing key brokers in [kafka]\n"
            "test.toml:3: kafka.linger: \"soon\" is no duration; write \"200ms\", \"5s\", \"2m\", \"1h\" or "
            "\"1d\"\n"
            "test.toml:4: kafka.port: 70000 is not between 0 and 65535\n"
            "test.toml:5: kafka.tries: must be a whole number\n"
            "test.toml:6: unknown kafka.brokerz; did you mean brokers?\n"
            "test.toml:7: unknown section [nobody]");
  EXPECT_EQ(linger, 7ms);  // a wrong value leaves what was there
  EXPECT_EQ(port, 1);
}

TEST(Config, ASecondReaderOfTheTreeMakesItsKeysKnown) {
  const auto tree = tree_of("[health]\nport = 9\n");
  EXPECT_THAT(wrongs_of(tree), HasSubstr("unknown section [health]"));
  int port = 0;
  tree.root().table("health").read("port", port);
  EXPECT_EQ(wrongs_of(tree), "");
}

TEST(Config, ReadsListsOfSectionsAndSectionsByName) {
  const auto tree = tree_of(R"(
[[tenant]]
id = "acme"
[tenant.limits]
rate = 2
[[tenant]]
id = "bolt"
wrong = 1
[source.zoom]
key = "k"
[source.phone]
key = 3
)");
  std::vector<std::string> ids;
  for (auto each : tree.root().tables("tenant")) {
    TenantId id;
    int rate = 0;
    each.require("id", id);
    each.table("limits").read("rate", rate);
    ids.push_back(id.str());
  }
  std::vector<std::string> sources;
  for (auto& [name, each] : tree.root().tables_by_name("source")) {
    std::string key;
    each.read("key", key);
    sources.push_back(name);
  }
  EXPECT_THAT(ids, ElementsAre("acme", "bolt"));
  EXPECT_THAT(sources, ElementsAre("phone", "zoom"));
  EXPECT_EQ(wrongs_of(tree),
            "test.toml:8: unknown tenant.wrong\n"
            "test.toml:12: source.phone.key: must be a text in quotes");
}

TEST(Config, ASectionWhereAValueIsExpectedIsAnErrorAndSoIsTheReverse) {
  const auto tree = tree_of("kafka = 1\n[name]\nx = 1\n[one]\n");
  std::string name;
  tree.root().table("kafka");
  tree.root().read("name", name);
  tree.root().tables("one");
  EXPECT_EQ(wrongs_of(tree),
            "test.toml:1: kafka: must be a section: [kafka]\n"
            "test.toml:2: name: must be a text in quotes\n"
            "test.toml:4: one: must be a list of sections: [[one]]");
}

enum class Colour { Red, Green };

TEST(Config, AWordMustBeOneOfThoseItMayBe) {
  const auto tree = tree_of("a = \"green\"\nb = \"blue\"\n");
  Colour a = Colour::Red;
  Colour b = Colour::Red;
  auto root = tree.root();
  EXPECT_TRUE(root.read_one_of("a", a, {{"red", Colour::Red}, {"green", Colour::Green}}));
  EXPECT_FALSE(root.read_one_of("b", b, {{"red", Colour::Red}, {"green", Colour::Green}}));
  EXPECT_EQ(a, Colour::Green);
  EXPECT_EQ(wrongs_of(tree), "test.toml:2: b: \"blue\" is none of: red, green");
}

TEST(Config, ASecretComesFromTheTextAFileOrTheEnvironmentAndIsNeverShown) {
  const auto folder = std::filesystem::temp_directory_path() / ("config_test_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "key") << "from the file\n";
  setenv("AFTERCALL_CONFIG_TEST", "from the environment", 1);
  const auto tree = parse(R"(
a = "plain"
b = { file = "key" }
c = { env = "AFTERCALL_CONFIG_TEST" }
d = { file = "absent" }
e = { env = "AFTERCALL_CONFIG_ABSENT" }
f = 12345
g = { fil = "hunter2" }
)",
                          (folder / "test.toml").string());
  auto root = tree->root();
  Secret read;
  std::vector<std::string> found;
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g"})
    if (root.read(key, read)) found.emplace_back(read.reveal());
  EXPECT_THAT(found, ElementsAre("plain", "from the file", "from the environment"));
  const auto wrongs = wrongs_of(*tree);
  EXPECT_THAT(wrongs, HasSubstr(":5: d: cannot read the file"));
  EXPECT_THAT(wrongs, HasSubstr(":6: e: the environment has no AFTERCALL_CONFIG_ABSENT"));
  EXPECT_THAT(wrongs, HasSubstr(":7: f: must be"));
  EXPECT_THAT(wrongs, HasSubstr(":8: g: must be"));
  EXPECT_THAT(wrongs, Not(HasSubstr("hunter2")));
  EXPECT_THAT(wrongs, Not(HasSubstr("12345")));
  std::filesystem::remove_all(folder);
}

TEST(Config, ARuleOfTheCallersOwnIsToldBesideTheOthers) {
  const auto tree = tree_of("[web]\nport = 3\n");
  auto web = tree.root().table("web");
  int port = 0;
  web.read("port", port);
  web.wrong("port", "must be even");
  EXPECT_EQ(wrongs_of(tree), "test.toml:2: web.port: must be even");
}

TEST(Config, ASectionThatIsLeftToAnotherReaderIsNotJudged) {
  const auto tree = tree_of("[web]\nport = 3\n[grpc]\nprot = 3\n[gprc]\nport = 3\n");
  int port = 0;
  tree.root().table("web").read("port", port);
  tree.root().leave("grpc");
  EXPECT_THAT(wrongs_of(tree), testing::StartsWith("test.toml:5: unknown section [gprc]"));
}

TEST(Config, WhatIsNoTomlIsToldWithItsLine) {
  const auto broken = parse("a = 1\nb = = 2\n", "x.toml");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().detail, testing::StartsWith("x.toml:2: "));
  EXPECT_FALSE(parse("a = 1\na = 2\n", "x.toml"));
  EXPECT_FALSE(parse("a = \"\xff\"", "x.toml"));
  EXPECT_FALSE(parse("a = " + std::string(5000, '['), "x.toml"));
}

TEST(Config, AFileThatCannotBeReadIsNamed) {
  EXPECT_THAT(load("/nowhere/at/all.toml").error().detail, HasSubstr("/nowhere/at/all.toml"));
  EXPECT_FALSE(load("/"));
}

}  // namespace
}  // namespace aftercall::config
