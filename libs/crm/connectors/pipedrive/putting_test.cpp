#include "putting.hpp"

#include <gmock/gmock.h>

#include "crm/json.hpp"

namespace aftercall::crm::pipedrive {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Put activity(Mode mode) {
  Put put;
  put.mode = mode;
  put.kind = ArtifactKind::Activity;
  put.key = "55555555-0000-5000-8000-000000000001";
  put.id = mode == Mode::Update ? "640" : "";
  put.target = {"contact", "7", "", ""};
  put.beside = {{"contact", "8", "", ""}, {"contact", "9", "", ""}};
  put.occasion = {"discovery_call", *parse_rfc3339("2026-02-03T09:00:00Z"), std::chrono::minutes(45)};
  return put;
}
http::Response success(const std::string& data) {
  return {200, {}, R"({"success":true,"data":)" + data + "}"};
}
http::Response took_part(const std::string& participants) {
  return success(R"({"id":640,"participants":)" + participants + "}");
}
http::Response there(const std::vector<int>& ids) {
  std::string rows;
  for (const auto id : ids)
    rows += (rows.empty() ? "" : ",") + (R"({"id":)" + std::to_string(id)) +
            R"(,"name":"N","add_time":"2026-01-01T00:00:00Z"})";
  return success("[" + rows + "]");
}
const http::Response refused{404, {}, R"({"success":false,"error":"Person not found"})"};
const http::Response written = success(R"({"id":640})");

struct Went {
  std::vector<std::string> requests;  // method and path, and the participants that it names
  Result<Written> outcome;
};
Went put_with(Put put, const std::vector<Result<http::Response>>& replies) {
  Putting putting(std::move(put), "https://acme.pipedrive.com");
  Went went{{}, fail(Cause::Rejected, "not over")};
  std::size_t i = 0;
  for (auto operation = putting.next(); operation && i < replies.size(); operation = putting.next()) {
    const auto body = parse_json(operation->body);
    const auto* const people = member(body, "participants");
    auto told = operation->method + " " + operation->path.substr(0, operation->path.find("&limit"));
    if (people != nullptr)
      for (const auto& each : *people)
        told += " " + each.at("person_id").dump() + (each.at("primary").get<bool>() ? "!" : "");
    went.requests.push_back(std::move(told));
    putting.absorb(replies[i++], false);
  }
  EXPECT_FALSE(putting.next()) << "more was asked for";
  EXPECT_EQ(i, replies.size()) << "not everything was asked for";
  went.outcome = putting.finish();
  return went;
}

TEST(Putting, AnUpdateNamesNobodyWhenAllOfOursAreThere) {
  const auto went =
      put_with(activity(Mode::Update),
               {took_part(R"([{"person_id":9,"primary":true},{"person_id":8,"primary":false}])"), written});
  EXPECT_THAT(went.requests, ElementsAre("GET /api/v2/activities/640", "PATCH /api/v2/activities/640"));
  EXPECT_TRUE(went.outcome);
}

TEST(Putting, AnUpdateNamesOnceWhomAMergeLeftThereTwice) {
  const auto merged = took_part(R"([{"person_id":9,"primary":true},{"person_id":9,"primary":false}])");
  const auto went = put_with(activity(Mode::Update), {merged, written});
  EXPECT_THAT(went.requests, ElementsAre("GET /api/v2/activities/640", "PATCH /api/v2/activities/640 9! 8"));
}

TEST(Putting, AnUpdateNamesEverybodyWhenSomebodyIsNew) {
  const auto went =
      put_with(activity(Mode::Update), {took_part(R"([{"person_id":5,"primary":true}])"), written});
  EXPECT_THAT(went.requests,
              ElementsAre("GET /api/v2/activities/640", "PATCH /api/v2/activities/640 5! 8 9"));
}

TEST(Putting, WhoIsGoneIsAskedForOnceAndLeftOut) {
  const auto went = put_with(activity(Mode::Create), {refused, there({9}), written});
  EXPECT_THAT(went.requests, ElementsAre("POST /api/v2/activities 7! 8 9", "GET /api/v2/persons?ids=8%2C9",
                                         "POST /api/v2/activities 7! 9"));
  ASSERT_TRUE(went.outcome);
  EXPECT_EQ(went.outcome->left_out, "participant: person 8 is not there any more");
  const auto dead = put_with(activity(Mode::Create), {refused, there({9}), refused});
  EXPECT_EQ(dead.outcome.error().cause, Cause::NotFound);
}

TEST(Putting, ARefusalThatIsAboutNobodyBesideStaysOne) {
  const auto went = put_with(activity(Mode::Create), {refused, there({8, 9})});
  EXPECT_EQ(went.outcome.error().cause, Cause::NotFound);
}

// A person whom people added and we may not see cannot be named again, and shall not be dropped.
TEST(Putting, WhereOneOfTheOthersIsHiddenNobodyIsAdded) {
  const auto went = put_with(activity(Mode::Update), {took_part(R"([{"person_id":5,"primary":true}])"),
                                                      refused, there({8, 9}), written});
  EXPECT_EQ(went.requests.back(), "PATCH /api/v2/activities/640");
  ASSERT_TRUE(went.outcome);
  EXPECT_THAT(went.outcome->left_out, HasSubstr("cannot be added"));
  EXPECT_THAT(went.outcome->without, SizeIs(2));
}

TEST(Putting, AQuestionWithoutAnAnswerLeavesNoDoubt) {
  const Result<http::Response> lost = fail(Cause::Timeout, "no answer");
  EXPECT_EQ(put_with(activity(Mode::Create), {refused, lost}).outcome.error().cause, Cause::Unreachable);
  EXPECT_EQ(put_with(activity(Mode::Update), {lost}).outcome.error().cause, Cause::Unreachable);
}

TEST(Putting, ANoteIsOneRequest) {
  auto note = activity(Mode::Create);
  note.kind = ArtifactKind::Note;
  const auto went = put_with(note, {refused});
  EXPECT_THAT(went.requests, ElementsAre("POST /api/v1/notes"));
  EXPECT_THAT(put_with(note, {written}).outcome->without, IsEmpty());
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
