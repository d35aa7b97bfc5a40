// Whom an activity at Pipedrive was with, and whom we created there, while people go on working with it:
// persons are merged, removed and added by hand.
#include "crm_suite.hpp"

namespace aftercall::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class PipedriveParticipants : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    sandbox_ =
        std::make_unique<SandboxProcess>(std::vector<std::string>{"--world", world_of("pipedrive")->file});
  }
  static void TearDownTestSuite() { sandbox_.reset(); }
  void SetUp() override {
    stand_ = std::make_unique<Stand>(*crm::find("pipedrive"), *world_of("pipedrive"), sandbox_->address());
  }

  Stand& stand() { return *stand_; }
  const World& world() { return stand_->world(); }
  // With Per, and beside him whom the test names.
  crm::Put with_per(std::vector<CrmRecord> beside) {
    auto put = note_on(world().per, key_1);
    put.kind = ArtifactKind::Activity;
    put.beside = std::move(beside);
    put.occasion = {"discovery_call", *parse_rfc3339("2026-02-03T09:00:00Z"), std::chrono::minutes(45)};
    return put;
  }
  static crm::Put edited(crm::Put put, const std::string& id) {
    put.mode = crm::Mode::Update;
    put.id = id;
    put.content.title = "Edited";
    return put;
  }
  void ask(const std::string& method, const std::string& path, const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.target = stand().connection().url + path;
    request.headers = {{"Authorization", "Bearer " + std::string(stand().token().reveal())}};
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    request.body = body;
    ASSERT_EQ(stand().send(request).status, 200) << path;
  }
  json row() {
    const auto rows = stand().control("GET", "rows/acme/activities").at("rows");
    EXPECT_THAT(rows, SizeIs(1));
    return rows.at(0);
  }
  std::vector<int> participants() {
    std::vector<int> ids;
    const auto activity = row();
    for (const auto& each : activity.at("participants")) ids.push_back(each.at("person_id").get<int>());
    return ids;
  }

  static inline std::unique_ptr<SandboxProcess> sandbox_;
  std::unique_ptr<Stand> stand_;
};

TEST_F(PipedriveParticipants, AnActivityWhosePersonWasMergedIsUpdatedThere) {
  const auto put = with_per({world().older_twin});
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written) << written.error().detail;
  ask("PUT", "/api/v1/persons/12/merge", R"({"merge_with_id":9})");
  const auto updated = stand().put_one(edited(put, written->id));
  ASSERT_TRUE(updated) << updated.error().detail;
  EXPECT_EQ(row().at("subject"), "Edited");
  EXPECT_THAT(participants(), ElementsAre(9, 10));
}

TEST_F(PipedriveParticipants, AnActivityWhosePersonWasDeletedIsUpdatedAllTheSame) {
  const auto put = with_per({});
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written);
  ask("DELETE", "/api/v2/persons/12");
  const auto updated = stand().put_one(edited(put, written->id));
  ASSERT_TRUE(updated) << updated.error().detail;
  EXPECT_EQ(row().at("subject"), "Edited");
}

TEST_F(PipedriveParticipants, AnUpdateAddsWhoIsNewAndLeavesWhomPeopleAdded) {
  auto put = with_per({});
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written);
  ask("PATCH", "/api/v2/activities/" + written->id,
      R"({"participants":[{"person_id":9,"primary":true},{"person_id":12,"primary":false}]})");
  ASSERT_TRUE(stand().put_one(edited(put, written->id)));
  EXPECT_THAT(participants(), ElementsAre(9, 12));
  put.beside = {world().older_twin};
  ASSERT_TRUE(stand().put_one(edited(put, written->id)));
  EXPECT_THAT(participants(), ElementsAre(9, 12, 10));
  EXPECT_EQ(row().at("person_id"), 9);
}

TEST_F(PipedriveParticipants, WhoIsGoneIsLeftOutAndTheActivityIsMade) {
  ask("DELETE", "/api/v2/persons/10");
  const auto written = stand().put_one(with_per({world().older_twin, world().anna, {"deal", "52", "", ""}}));
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_EQ(written->left_out, "participant: person 10 is not there any more");
  ASSERT_THAT(written->without, SizeIs(1));
  EXPECT_EQ(written->without[0].id, "10");
  EXPECT_THAT(participants(), ElementsAre(12, 9));
  EXPECT_EQ(row().at("deal_id"), 52);
}

TEST_F(PipedriveParticipants, WhoIsGoneIsNotAddedByAnUpdateEither) {
  auto put = with_per({});
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written);
  ask("DELETE", "/api/v2/persons/10");
  put.beside = {world().older_twin, world().anna};
  const auto updated = stand().put_one(edited(put, written->id));
  ASSERT_TRUE(updated) << updated.error().detail;
  EXPECT_THAT(updated->left_out, HasSubstr("person 10"));
  EXPECT_THAT(participants(), ElementsAre(12, 9));
}

TEST_F(PipedriveParticipants, BothAPersonWhoIsGoneAndADealThatTakesNothingAreLeftOut) {
  ask("DELETE", "/api/v2/persons/10");
  stand().control("PATCH", "rows/acme/deals/52", {{"is_archived", true}});
  const auto written = stand().put_one(with_per({world().older_twin, {"deal", "52", "", ""}}));
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_THAT(written->left_out, HasSubstr("person 10"));
  EXPECT_THAT(written->left_out, HasSubstr("link to the deal: "));
  EXPECT_THAT(written->without, SizeIs(2));
  EXPECT_THAT(participants(), ElementsAre(12));
}

TEST_F(PipedriveParticipants, AnActivityThatAPersonDeletedIsGone) {
  const auto put = with_per({world().older_twin});
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written);
  ask("DELETE", "/api/v2/activities/" + written->id);
  EXPECT_EQ(stand().put_one(edited(put, written->id)).error().cause, Cause::NotFound);
}

// The create was refused for certain: what is unknown is only who is gone, and that is no doubt.
TEST_F(PipedriveParticipants, WhereNobodyTellsWhoIsGoneTheCreateWaitsAndIsInNoDoubt) {
  ask("DELETE", "/api/v2/persons/10");
  stand().fault({{"path", "/api/v2/persons"}, {"method", "GET"}}, {{"status", 503}}, 9);
  EXPECT_EQ(stand().put_one(with_per({world().older_twin})).error().cause, Cause::Unreachable);
  stand().control("DELETE", "faults");
  EXPECT_TRUE(stand().put_one(with_per({world().older_twin})));
}

// A user sees an empty new person.
TEST_F(PipedriveParticipants, APersonOfOursWhoIsGoneIsSaidToBeAndWhoeverWasKeptIsFound) {
  const auto before = truncate(std::chrono::system_clock::now());
  auto put = eva();
  for (const bool merged : {false, true}) {
    const auto made = stand().put_one(eva());
    ASSERT_TRUE(made) << made.error().detail;
    put.id = made->id;
    EXPECT_FALSE(stand().recall(put, before)->gone);
    const auto him = "persons/" + made->id;
    if (merged)
      ask("PUT", "/api/v1/" + him + "/merge", R"({"merge_with_id":12})");
    else
      ask("DELETE", "/api/v2/" + him);
    const auto recalled = stand().recall(put, before);
    ASSERT_TRUE(recalled) << recalled.error().detail;
    EXPECT_TRUE(recalled->gone);
    ASSERT_EQ(recalled->found.size(), merged ? 1U : 0U);
    if (merged) {
      EXPECT_EQ(recalled->found[0].id, world().per.id);
    }
  }
}

}  // namespace
}  // namespace aftercall::test
