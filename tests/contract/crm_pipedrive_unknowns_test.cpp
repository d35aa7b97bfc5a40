// What Pipedrive's documents leave open, one switch of the simulator at a time: whichever way it is, nothing
// is lost, doubled or sent for nothing.
#include "crm_suite.hpp"

namespace aftercall::test {
namespace {

using nlohmann::json;
using testing::Each;
using testing::Gt;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class PipedriveUnknowns : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto* const world = world_of("pipedrive");
    sandbox_ = std::make_unique<SandboxProcess>(std::vector<std::string>{"--world", world->file});
  }
  static void TearDownTestSuite() { sandbox_.reset(); }
  void SetUp() override {
    stand_ = std::make_unique<Stand>(*crm::find("pipedrive"), *world_of("pipedrive"), sandbox_->address());
  }

  Stand& stand() { return *stand_; }
  const World& world() { return stand_->world(); }
  void set(const char* name, const json& value) {
    stand().control("POST", "switches", {{"org", "acme"}, {"switches", {{name, value}}}});
  }
  void advance(int seconds) { stand().control("POST", "clock", {{"advance", seconds}}); }
  // A note on Anna, and on this deal of hers.
  crm::Put note(const char* deal) {
    auto put = note_on(world().anna, key_1);
    put.beside = {{"deal", deal, "", ""}};
    return put;
  }
  Cause refused(const crm::Put& put) {
    const auto written = stand().put_one(put);
    EXPECT_FALSE(written);
    return written ? Cause{} : written.error().cause;
  }
  std::size_t searches_for_pers_phone() {
    stand().control("DELETE", "journal");
    const auto answers = stand().look({crm::ContactsByPhone{"+46855501020", "SE"}});
    EXPECT_TRUE(answers && answers->each.at(0));
    const auto& found = answers->each[0]->contacts;
    EXPECT_THAT(found, SizeIs(1));
    EXPECT_EQ(found.at(0).record.id, world().per.id);
    return stand().requests().size();
  }

  static inline std::unique_ptr<SandboxProcess> sandbox_;
  std::unique_ptr<Stand> stand_;
};

TEST_F(PipedriveUnknowns, OtherNotationsOfAPhoneAreSearchedWhereItsDigitsAreNotFound) {
  EXPECT_EQ(searches_for_pers_phone(), 1U);
  set("searchDigits", false);
  EXPECT_THAT(searches_for_pers_phone(), Gt(1U));
}

// Which of several shows first depends on who typed the number how; whoever must know of all asks for all.
TEST_F(PipedriveUnknowns, OfSeveralWithOnePhoneAllAreFoundWhereAllAreWanted) {
  set("searchDigits", false);
  stand().control("PUT", "rows/acme/persons",
                  {{"id", 8}, {"name", "Per's colleague"}, {"phones", {"+46855501020"}}});
  advance(60);  // the index lags
  auto one = stand().look({crm::ContactsByPhone{"+46855501020", "SE"}});
  ASSERT_TRUE(one && one->each.at(0));
  EXPECT_THAT(one->each[0]->contacts, SizeIs(1));
  EXPECT_THAT(one->each[0]->unasked, Gt(0U));
  auto all = stand().look({crm::ContactsByPhone{"+46855501020", "SE", true}});
  ASSERT_TRUE(all && all->each.at(0));
  EXPECT_EQ(all->each[0]->unasked, 0U);
  ASSERT_THAT(all->each[0]->contacts, SizeIs(2));
  EXPECT_EQ(all->each[0]->contacts[0].record.id, "8");
}

TEST_F(PipedriveUnknowns, WhatAListShowsLateIsRecalledLater) {
  auto activity = note("52");
  activity.kind = ArtifactKind::Activity;
  activity.occasion = {"discovery_call", *parse_rfc3339("2026-02-03T09:00:00Z"), std::chrono::minutes(45)};
  crm::Put person;
  person.kind = ArtifactKind::Contact;
  person.key = key_2;
  person.person = {"Eva Lind", "eva.lind@fabrikam.example", ""};
  const auto since = truncate(std::chrono::system_clock::now());
  for (const auto& lost : {note("52"), activity, person}) {
    set("listLag", 3);
    stand().fault({{"path", "/api/v"}, {"method", "POST"}}, {{"drop_after_commit", true}}, 1);
    EXPECT_EQ(refused(lost), Cause::Unanswered);
    EXPECT_THAT(stand().recall(lost, since)->found, IsEmpty());
    advance(4);
    EXPECT_THAT(stand().recall(lost, since)->found, SizeIs(1));
  }
}

TEST_F(PipedriveUnknowns, APersonsListThatShowsTheNotesOfDealsRecallsNoOtherNote) {
  set("personListsDealNotes", true);
  ASSERT_TRUE(stand().put_one(note_on({"deal", "52", "", ""}, key_2)));
  EXPECT_THAT(stand().recall(note("52"))->found, IsEmpty());
}

TEST_F(PipedriveUnknowns, ANoteThatMayHaveOnePlaceOnlyIsOnThePerson) {
  set("oneTargetPerNote", true);
  const auto written = stand().put_one(note("52"));
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_THAT(written->left_out, StartsWith("link to the deal: "));
  ASSERT_THAT(stand().notes(), SizeIs(1));
  EXPECT_EQ(stand().notes()[0].target, world().anna.id);
}

TEST_F(PipedriveUnknowns, ANoteIsMadeWhetherAnArchivedDealTakesItOrNot) {
  EXPECT_THAT(stand().put_one(note("53")).value().left_out, StartsWith("link to the deal: "));
  EXPECT_THAT(stand().notes(), SizeIs(1));
  set("notesOnArchivedDeals", true);
  EXPECT_EQ(stand().put_one(note("53")).value().left_out, "");
}

TEST_F(PipedriveUnknowns, WhoMayNotBeSeenIsRefusedForCertain) {
  stand().control("PATCH", "rows/acme/persons/12", {{"owner_id", 12}, {"visible_to", 1}});
  EXPECT_EQ(refused(note_on(world().per, key_1)), Cause::NotFound);
  set("invisibleStatus", 403);
  EXPECT_EQ(refused(note_on(world().per, key_1)), Cause::NotPermitted);
  EXPECT_THAT(stand().notes(), IsEmpty());
}

TEST_F(PipedriveUnknowns, ABudgetThatNoHeaderTellsIsTakenToBeGoneWhenRefusalsGoOn) {
  set("tokenHeaders", false);
  stand().control("POST", "limits", {{"org", "acme"}, {"throttle", {{"daily", 1000}, {"left", 0}}}});
  std::chrono::milliseconds rest{};
  for (int i = 0; i < 3; ++i) {
    const auto written = stand().put_one(note_on(world().anna, key_1));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().cause, Cause::RateLimited);
    rest = written.error().retry_after.value_or(rest);
  }
  EXPECT_GE(rest, std::chrono::seconds(5)) << "a burst's is two seconds";
  EXPECT_THAT(stand().requests(), SizeIs(3));
}

}  // namespace
}  // namespace aftercall::test
