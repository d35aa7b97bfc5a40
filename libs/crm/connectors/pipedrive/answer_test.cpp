#include "answer.hpp"

#include <gmock/gmock.h>

#include "rights.hpp"

namespace aftercall::crm::pipedrive {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string base = "https://acme.pipedrive.com";
const Instant now = *parse_rfc3339("2026-09-30T10:20:00Z");

Put put(ArtifactKind kind, Mode mode = Mode::Create, const std::string& id = "") {
  Put made;
  made.kind = kind;
  made.mode = mode;
  made.id = id;
  made.target = {"contact", "7", "", ""};
  return made;
}
http::Response said(const std::string& data, int status = 200) {
  return {status, {{"Date", "Wed, 30 Sep 2026 10:20:05 GMT"}}, R"({"success":true,"data":)" + data + "}"};
}

TEST(WrittenAnswer, TellsIdLinkAndTheCrmsClock) {
  const auto written = read_written(put(ArtifactKind::Note), said(R"({"id":801})", 201), base);
  ASSERT_TRUE(written);
  EXPECT_EQ(written->id, "801");
  EXPECT_EQ(written->link, base + "/person/7");
  EXPECT_EQ(written->how, Written::How::Created);
  EXPECT_EQ(written->at, parse_rfc3339("2026-09-30T10:20:05Z"));
  EXPECT_EQ(read_written(put(ArtifactKind::Contact), said(R"({"id":31})"), base)->link, base + "/person/31");
}

TEST(WrittenAnswer, OfAnUpdateIsOfTheSameRecord) {
  const auto update = put(ArtifactKind::Note, Mode::Update, "801");
  EXPECT_EQ(read_written(update, said(R"({"id":801,"active_flag":true})"), base)->how, Written::How::Updated);
  EXPECT_EQ(read_written(update, said(R"({"id":802})"), base).error().cause, Cause::ServerError);
}

TEST(WrittenAnswer, WhatAPersonDeletedIsNotFoundThoughItTakesUpdates) {
  const auto update = put(ArtifactKind::Note, Mode::Update, "801");
  EXPECT_EQ(read_written(update, said(R"({"id":801,"active_flag":false})"), base).error().cause,
            Cause::NotFound);
  EXPECT_EQ(read_written(update, said(R"({"id":801,"is_deleted":true})"), base).error().cause,
            Cause::NotFound);
  EXPECT_EQ(read_written(update, {404, {}, R"({"success":false})"}, base).error().cause, Cause::NotFound);
}

TEST(WrittenAnswer, WithoutAnIdIsNone) {
  for (const auto* const data : {"null", "{}", "[]", R"({"id":"801"})", R"({"id":0})", R"({"id":1.5})"})
    EXPECT_EQ(read_written(put(ArtifactKind::Note), said(data), base).error().cause, Cause::ServerError)
        << data;
}

std::vector<Result<http::Response>> probes(http::Response types, http::Response persons,
                                           http::Response deals) {
  return {std::move(types), std::move(persons), std::move(deals)};
}
const http::Response types = said(
    R"([{"name":"Lunch","key_string":"lunch","order_nr":3,"active_flag":true},)"
    R"({"name":"Discovery Call","key_string":"call","order_nr":1,"active_flag":true},)"
    R"({"name":"Demo","key_string":"demo","order_nr":2,"active_flag":false},{"name":"","key_string":"x","active_flag":true},{}])");
const http::Response not_there{404, {}, R"({"success":false,"error":"Person not found"})"};
const http::Response no_scope{
    403, {}, R"({"success":false,"error":"Scope and URL mismatch","errorCode":403})"};

TEST(Rights, AreReadFromWhatIsAnswered) {
  const auto rights = read_rights(probes(types, not_there, said("{}")), now);
  ASSERT_TRUE(rights);
  const auto& can = rights->capabilities;
  EXPECT_FALSE(can.keyed_writes);
  EXPECT_FALSE(can.accounts);
  EXPECT_FALSE(can.appointments);
  EXPECT_TRUE(can.one_note);
  EXPECT_TRUE(can.deals);
  EXPECT_TRUE(can.activities);
  EXPECT_THAT(can.activity_types,
              ElementsAre(ActivityType{"Discovery Call", "call"}, ActivityType{"Lunch", "lunch"}));
  EXPECT_EQ(can.deals_need + can.activities_need, "");
  EXPECT_EQ(can.read_at, now);
  EXPECT_THAT(rights->missing, IsEmpty());
}

TEST(Rights, ThatAreMissingNarrowOrAreNamed) {
  const auto rights = read_rights(probes(no_scope, no_scope, no_scope), now);
  ASSERT_TRUE(rights);
  EXPECT_FALSE(rights->capabilities.deals);
  EXPECT_FALSE(rights->capabilities.activities);
  EXPECT_EQ(rights->capabilities.deals_need, "deals:read");
  EXPECT_EQ(rights->capabilities.activities_need, "activities:full");
  EXPECT_THAT(rights->missing, ElementsAre("contacts:full"));
}

TEST(Rights, ARecordThatThisUserMayNotSeeSaysNothingAboutTheOthers) {
  const http::Response not_yours{403, {}, R"({"success":false,"error":"You do not have permission"})"};
  const auto rights = read_rights(probes(types, not_yours, not_yours), now);
  EXPECT_TRUE(rights->capabilities.deals);
  EXPECT_THAT(rights->missing, IsEmpty());
}

TEST(Rights, AreNotGuessedFromSilence) {
  for (const auto& silence : {http::Response{503, {}, ""}, http::Response{429, {}, ""},
                              http::Response{401, {}, ""}, http::Response{200, {}, "<html>"}})
    for (int at = 0; at < 3; ++at) {
      auto answers = probes(types, not_there, not_there);
      answers[static_cast<std::size_t>(at)] = silence;
      EXPECT_FALSE(read_rights(answers, now)) << silence.status << " at " << at;
    }
  EXPECT_FALSE(read_rights({types}, now));
}

TEST(User, HasACompany) {
  const auto user = read_user(said(R"({"id":11,"company_id":900,"company_name":"Acme"})"));
  ASSERT_TRUE(user);
  EXPECT_EQ(user->company, 900);
  EXPECT_EQ(user->company_name, "Acme");
  for (const auto* const data :
       {"null", "{}", R"({"id":11})", R"({"id":11,"company_id":"900"})", R"({"id":11,"company_id":0})"})
    EXPECT_EQ(read_user(said(data)).error().cause, Cause::ServerError) << data;
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
