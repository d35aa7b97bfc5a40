#include "ingest/read_json.hpp"

#include <gmock/gmock.h>

namespace aftercall::ingest {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string read(std::string_view text) {
  const auto json = read_json(text);
  return json ? canonical(*json) : json.error().pointer + ": " + json.error().rule;
}

std::string levels(std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); }

TEST(ReadJson, ReadsWhatJsonIs) {
  EXPECT_EQ(read(R"( {"b": [1, -2, true, false, null, "x"], "a": {}} )"),
            R"({"a":{},"b":[1,-2,true,false,null,"x"]})");
  EXPECT_EQ(read("\"\\u00e5\\ud83d\\ude00\\/\\n\""), "\"å😀/\\u000a\"");
  EXPECT_EQ(read("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(read("-9223372036854775808"), "-9223372036854775808");
}

TEST(ReadJson, NumbersThatAreNoIntegersStayAsTheyWereWritten) {
  EXPECT_EQ(read("[9223372036854775808,1.50,1e2]"), "[9223372036854775808,1.50,1e2]");
}

TEST(ReadJson, RefusesWhatOnlySomeReadersTake) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "{'a':1}",
                           "{a:1}",
                           "[1 2]",
                           "nul",
                           "NaN",
                           "[1]x",
                           "[1][2]",
                           "{}{}",
                           "// c\n1",
                           "/* */1",
                           "01",
                           "+1",
                           ".5",
                           "1.",
                           "\"a\nb\"",
                           "\"\\x\"",
                           "\"\\ud800\"",
                           "\"\\udc00\\ud800\"",
                           "1e999",
                           "\"a",
                           "]"})
    EXPECT_THAT(read(text), HasSubstr("must be JSON; it is not at line ")) << text;
  EXPECT_EQ(read("\xEF\xBB\xBF{}"), ": must not begin with a byte order mark");
}

TEST(ReadJson, TellsWhereItStoppedToBeJson) {
  EXPECT_EQ(read("{\"a\":\n {\"b\": [1, tru] } }"), "/a/b: must be JSON; it is not at line 2, byte 15");
}

TEST(ReadJson, RefusesANameThatIsThereTwice) {
  EXPECT_EQ(read(R"({"a": [{"b/c": 1, "b/c": 2}]})"), "/a/0/b~1c: must not be there twice");
  EXPECT_EQ(read(R"({"\u0061": 1, "a": 1})"), "/a: must not be there twice");
}

TEST(ReadJson, RefusesWhatLaterStagesCannotCarry) {
  EXPECT_EQ(read(R"({"a": ["b\u0000c"]})"), "/a/0: must not have U+0000");
  EXPECT_EQ(read(R"({"a": {"b\u0000c": 1}})"), "/a: must not have U+0000 in a name");
  EXPECT_THAT(read(std::string_view("\"a\0b\"", 5)), HasSubstr("must be JSON"));
}

TEST(ReadJson, RefusesWhatIsNoUtf8) {
  for (const char* text : {"\"\xFF\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",
                           "\"\xE2\x82\"", "\xFF\xFE[\0"})
    EXPECT_THAT(read(text), HasSubstr("must be UTF-8; it is not at line 1, byte ")) << text;
  EXPECT_EQ(read("{\n\"a\": \"\xE5\"}"), ": must be UTF-8; it is not at line 2, byte 7");
}

TEST(ReadJson, TakesNoMoreThan32Levels) {
  EXPECT_EQ(read(levels(32)), levels(32));
  EXPECT_THAT(read(levels(33)), HasSubstr("must not be nested more than 32 levels deep"));
  EXPECT_THAT(read(std::string(1'000'000, '[')), HasSubstr("must not be nested"));
  std::string objects;
  for (int i = 0; i < 33; ++i) objects += "{\"a\":";
  EXPECT_THAT(read(objects), HasSubstr("must not be nested"));
}

TEST(ReadJson, TakesNoEndlessNumber) {
  EXPECT_THAT(read("[1." + std::string(50, '1') + "]"),
              HasSubstr("/0: must be a number of at most 40 characters"));
  EXPECT_THAT(read("[" + std::string(50, '1') + "]"),
              HasSubstr("/0: must be a number of at most 40 characters"));
  EXPECT_THAT(read("[" + std::string(500'000, '1') + "]"), Not(HasSubstr("[")));
}

TEST(ReadJson, NeverRepeatsAValue) {
  for (const char* text : {"{\"a\": secret}", "{\"a\": \"secret\xFF\"}", R"(["secret\u0000"])",
                           R"({"a": "secret" 1})", "\"secret"})
    EXPECT_THAT(read(text), Not(HasSubstr("secret"))) << text;
}

}  // namespace
}  // namespace aftercall::ingest
