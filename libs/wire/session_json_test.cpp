#include "wire/session_json.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "wire/session_finished.hpp"
#include "wire/session_rules.hpp"
#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const Instant now = *parse_rfc3339("2026-02-03T10:00:00Z");

Wrongs wrongs_of(Json::Object object) {
  object.try_emplace("session_id", "1");
  Wrongs wrongs;
  read_session(object, "", now, wrongs);
  return wrongs;
}

v1::Session read(const Json::Object& object) {
  Wrongs wrongs;
  auto session = read_session(object, "", now, wrongs);
  for (const auto& each : wrongs.all) ADD_FAILURE() << each.pointer << " " << each.rule;
  return session;
}

TEST(SessionJson, ReadsWhatTheProtoNames) {
  const Json::Object given{
      {"session_id", "m-1"},
      {"revision", 3},
      {"channel", "web_chat"},
      {"started_at", "2026-02-03T10:00:00.250+01:00"},
      {"participants", Json::Array{Json::Object{{"email", "anna@contoso.example"}, {"role", "guest"}}}},
      {"summary", Json::Object{{"text", "Hej"}, {"format", "markdown"}}},
      {"properties", Json::Object{{"a", "b"}}}};
  v1::Session expected;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(canonical(given), &expected).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read(given), expected));
  EXPECT_EQ(read_time(expected.started_at()), parse_rfc3339("2026-02-03T09:00:00.250Z"));
}

TEST(SessionJson, ReadsAWholeNumberAsProtobufWritesIt) {
  EXPECT_EQ(read({{"session_id", "1"}, {"revision", "9007199254740993"}}).revision(), 9007199254740993);
}

TEST(SessionJson, NamesEveryWrongFieldAtOnce) {
  const Json::Array people{Json::Object{{"role", "boss"}, {"phone_e164", "+1"}}, 7};
  const auto wrongs = wrongs_of({{"session_id", ""}, {"titel", "x"}, {"title", 1}, {"participants", people}});
  std::vector<std::string> pointers;
  for (const auto& each : wrongs.all) pointers.push_back(each.pointer);
  EXPECT_THAT(pointers, UnorderedElementsAre("/session_id", "/titel", "/title", "/participants/0/role",
                                             "/participants/0/phone_e164", "/participants/1"));
}

TEST(SessionJson, NeverRepeatsAValue) {
  const auto wrongs = wrongs_of({{"channel", "very private"},
                                 {"started_at", "very private"},
                                 {"revision", "very private"},
                                 {"join_url", "very private"},
                                 {"summary", "very private"}});
  EXPECT_EQ(wrongs.all.size(), 5U);
  for (const auto& each : wrongs.all) EXPECT_EQ(each.rule.find("private"), std::string::npos) << each.rule;
}

TEST(SessionJson, ABoundOfManyMistakesIsKept) {
  Json::Object many;
  for (int i = 0; i < 1500; ++i) many["x" + std::to_string(i)] = 1;
  const auto wrongs = wrongs_of(many);
  EXPECT_EQ(wrongs.all.size(), Wrongs::most);
  EXPECT_EQ(wrongs.left_out, 500U);
}

TEST(SessionJson, WhatIsOnlyTooMuchSaysSo) {
  const auto people = wrongs_of({{"participants", Json::Array(101, Json::Object{{"name", "A"}})}});
  EXPECT_THAT(people.all, ElementsAre(Wrong{"/participants", "must have at most 100 elements", true}));
  const auto bytes = wrongs_of({{"manual_notes", std::string(512 * 1024, 'x')}});
  EXPECT_THAT(bytes.all,
              ElementsAre(Wrong{"", "must not be larger than 512 KiB in its Protobuf form", true}));
  EXPECT_THAT(wrongs_of({{"manual_notes", std::string(511 * 1024, 'x')}}).all, IsEmpty());
}

TEST(SessionJson, LengthsAreCountedInCharacters) {
  std::string title;
  for (int i = 0; i < 1000; ++i) title += "ö";
  EXPECT_THAT(wrongs_of({{"title", title}}).all, IsEmpty());
  EXPECT_FALSE(wrongs_of({{"title", title + "x"}}).empty());
}

TEST(SessionJson, LinksLeadToPages) {
  for (const char* link : {"", "https://x.example/a#b", "HTTP://x", "https://täglich.example/ü?q=1"})
    EXPECT_THAT(wrongs_of({{"join_url", link}}).all, IsEmpty()) << link;
  for (const char* link :
       {"javascript:alert(1)", "https", "https:", "https://", "https:///x", "http://?x", "//x", "https://a b",
        "data://x", "https://x/\">", " https://x", "https://x\n", "https:\\\\x"})
    EXPECT_FALSE(wrongs_of({{"session_url", link}}).empty()) << link;
}

TEST(SessionJson, TimesAreThoseOfRealSessions) {
  for (const char* time : {"2026-02-04T09:59:59Z", "2000-01-01T00:00:00Z"})
    EXPECT_THAT(wrongs_of({{"updated_at", time}}).all, IsEmpty()) << time;
  for (const char* time : {"2026-02-04T10:00:01Z", "1999-12-31T23:59:59Z", "1770109200", "2026-02-03",
                           "2026-02-03T10:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", ""})
    EXPECT_FALSE(wrongs_of({{"updated_at", time}}).empty()) << time;
  EXPECT_THAT(wrongs_of({{"started_at", "2026-02-03T09:00:00Z"}, {"ended_at", "2026-02-03T08:59:59Z"}}).all,
              ElementsAre(Wrong{"/ended_at", "must not be before started_at"}));
}

TEST(SessionJson, AnAddressThatNobodyCanReadIsNoMistake) {
  const Json::Array people{Json::Object{{"email", "not an address"}, {"phone", "call me"}}};
  EXPECT_THAT(wrongs_of({{"participants", people}}).all, IsEmpty());
}

TEST(SessionJson, TheDoorAddsWhatItKnows) {
  auto session =
      read({{"session_id", "1"},
            {"revision", 2},
            {"participants", Json::Array{Json::Object{{"phone", "070"}}, Json::Object{{"name", "B"}}}}});
  const Told told = told_by(session);
  EXPECT_EQ(told.session_id, "1");
  EXPECT_EQ(told.revision, 2);
  EXPECT_EQ(told.updated_at, std::nullopt);
  EXPECT_THAT(told.phones, ElementsAre("070", ""));
  v1::SessionFinished event;
  ASSERT_TRUE(event.ParseFromString(
      session_finished(session, {TenantId("acme"), SourceId("meet"), now, "abc", {"+4670", ""}})));
  EXPECT_EQ(event.session().tenant(), "acme");
  EXPECT_EQ(event.session().source(), "meet");
  EXPECT_EQ(event.session().content_hash(), "abc");
  EXPECT_EQ(event.session().accepted_at().seconds(), 1770112800);
  EXPECT_EQ(event.session().participants(0).phone_e164(), "+4670");
  EXPECT_EQ(event.session().participants(1).phone_e164(), "");
}

}  // namespace
}  // namespace aftercall::wire
