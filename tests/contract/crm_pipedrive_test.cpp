// What only Pipedrive has: deals, activities, two ways to sign in, and budgets.
#include <algorithm>

#include "crm_suite.hpp"

namespace aftercall::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

class Pipedrive : public testing::TestWithParam<Tried> {
 protected:
  static void SetUpTestSuite() {
    sandbox_ =
        std::make_unique<SandboxProcess>(std::vector<std::string>{"--world", world_of("pipedrive")->file});
  }
  static void TearDownTestSuite() { sandbox_.reset(); }
  void SetUp() override { connect(*world_of("pipedrive")); }

  void connect(World world) {
    stand_.reset();
    world_ = std::move(world);
    stand_ = std::make_unique<Stand>(*GetParam().entry, world_, sandbox_->address());
    if (GetParam().otherwise) stand_->control("POST", world_.otherwise->path, world_.otherwise->body);
  }
  Stand& stand() { return *stand_; }
  std::optional<CrmRecord> deal(crm::Question question) {
    const auto answers = stand().look({std::move(question)});
    EXPECT_TRUE(answers && answers->each.at(0));
    return answers->each[0]->deal;
  }
  json only_row(const std::string& table) {
    const auto rows = stand().control("GET", "rows/acme/" + table).at("rows");
    EXPECT_EQ(rows.size(), 1U);
    return rows.at(0);
  }
  crm::Put activity() {
    auto put = note_on(world_.anna, key_1);
    put.kind = ArtifactKind::Activity;
    put.beside = {renewal, world_.per};
    put.occasion = {"discovery_call", *parse_rfc3339("2026-02-03T09:00:00Z"), std::chrono::minutes(45)};
    return put;
  }
  int tokens_in_the_journal() {
    int tokens = 0;
    for (const auto& request : stand().requests()) tokens += request.at("tokens").get<int>();
    return tokens;
  }

  static inline std::unique_ptr<SandboxProcess> sandbox_;
  World world_;
  std::unique_ptr<Stand> stand_;
  const CrmRecord renewal{"deal", "52", "Renewal", ""};
};
INSTANTIATE_TEST_SUITE_P(BothWays, Pipedrive,
                         testing::ValuesIn(ways_to_try("pipedrive", crm::find("pipedrive"))), tried_as);

TEST_P(Pipedrive, TheNewestDealIsTheOneCreatedLastWhateverBecameOfIt) {
  const auto found = deal(crm::NewestDealOf{world_.anna});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "52");  // of two in one second the higher id; archived and deleted ones are none
  EXPECT_EQ(found->name, "Renewal");
  EXPECT_FALSE(deal(crm::NewestDealOf{world_.per}));
}

TEST_P(Pipedrive, ADealIsFoundByItsId) {
  EXPECT_EQ(deal(crm::DealById{"50"})->name, "Lost long ago");
  for (const auto* const id : {"53", "54", "99999", "x"}) EXPECT_FALSE(deal(crm::DealById{id})) << id;
}

TEST_P(Pipedrive, OneNoteHangsOnPersonAndDeal) {
  auto put = note_on(world_.anna, key_1);
  put.beside = {renewal};
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written) << written.error().detail;
  const auto row = only_row("notes");
  EXPECT_EQ(row.at("person_id"), 9);
  EXPECT_EQ(row.at("deal_id"), 52);
  EXPECT_NE(row.at("content").get<std::string>().find("Ref: " + std::string(key_1)), std::string::npos);
}

TEST_P(Pipedrive, ANoteGetsItsDealLater) {
  auto put = note_on(world_.anna, key_1);
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written);
  put.mode = crm::Mode::Update;
  put.id = written->id;
  put.beside = {renewal};
  ASSERT_TRUE(stand().put_one(put));
  EXPECT_EQ(only_row("notes").at("deal_id"), 52);
  EXPECT_THAT(stand().recall(put)->found, SizeIs(1));
}

// What was Per's is Anna's from then on.
void merge_per_into_anna(Stand& stand) {
  http::Request merge;
  merge.method = "PUT";
  merge.target = stand.connection().url + "/api/v1/persons/12/merge";
  merge.headers = {{"Authorization", "Bearer " + std::string(stand.token().reveal())},
                   {"Content-Type", "application/json"}};
  merge.body = R"({"merge_with_id":9})";
  ASSERT_EQ(stand.send(merge).status, 200);
}

TEST_P(Pipedrive, WhatIsInDoubtOnAPersonWhoWasMergedIsFoundOnTheOther) {
  const auto note = note_on(world_.per, key_1);
  auto call = activity();
  call.target = world_.per;
  call.beside = {renewal};
  const auto made = stand().put({note, call});
  ASSERT_TRUE(made.each.at(0) && made.each.at(1));
  merge_per_into_anna(stand());
  EXPECT_EQ(stand().recall(note)->found.at(0).id, made.each[0]->id);
  EXPECT_EQ(stand().recall(call)->found.at(0).id, made.each[1]->id);
  EXPECT_THAT(stand().recall(note_on(world_.per, key_2))->found, IsEmpty());
}

TEST_P(Pipedrive, WhoWasMergedSinceTheLookIsSaidToBeGone) {
  merge_per_into_anna(stand());
  const auto written = stand().put_one(note_on(world_.per, key_1));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().cause, Cause::NotFound);
  EXPECT_THAT(written.error().detail, testing::HasSubstr("merged into another"));
}

TEST_P(Pipedrive, ANoteWhosePersonWasMergedIsUpdatedThere) {
  auto put = note_on(world_.per, key_1);
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written);
  merge_per_into_anna(stand());
  put.mode = crm::Mode::Update;
  put.id = written->id;
  put.content.html = "<p>Edited</p>";
  const auto updated = stand().put_one(put);
  ASSERT_TRUE(updated) << updated.error().detail;
  EXPECT_EQ(stand().notes().at(0).html, "<p>Edited</p>");
  EXPECT_EQ(stand().notes().at(0).target, world_.anna.id);
}

TEST_P(Pipedrive, ADealThatTakesNothingMoreDoesNotCostTheNoteOrTheActivity) {
  stand().control("POST", "switches", {{"org", "acme"}, {"switches", {{"notesOnArchivedDeals", false}}}});
  for (const auto& change :
       {json{{"is_archived", true}}, json{{"is_archived", false}, {"is_deleted", true}}}) {
    stand().control("PATCH", "rows/acme/deals/52", change);
    auto note = note_on(world_.anna, key_1);
    note.beside = {renewal};
    const auto writes = stand().put({note, activity()});
    for (const auto& each : writes.each) {
      ASSERT_TRUE(each) << each.error().detail;
      EXPECT_THAT(each->left_out, testing::StartsWith("link to the deal: "));
    }
  }
  for (const auto* const table : {"notes", "activities"}) {
    const auto rows = stand().control("GET", std::string("rows/acme/") + table).at("rows");
    ASSERT_THAT(rows, SizeIs(2)) << table;
    for (const auto& row : rows) EXPECT_TRUE(row.at("deal_id").is_null()) << table;
  }
}

TEST_P(Pipedrive, ARefusalThatIsNotAboutTheDealStaysOne) {
  auto note = note_on({"contact", world_.nowhere, "", ""}, key_1);
  note.beside = {renewal};
  EXPECT_EQ(stand().put_one(note).error().cause, Cause::NotFound);
  EXPECT_THAT(stand().notes(), IsEmpty());
}

TEST_P(Pipedrive, ANoteOfADealAloneIsRecalledThere) {
  const auto put = note_on(renewal, key_1);
  ASSERT_TRUE(stand().put_one(put));
  EXPECT_THAT(stand().recall(put)->found, SizeIs(1));
}

TEST_P(Pipedrive, AnActivityIsDoneAndHasItsPeople) {
  const auto written = stand().put_one(activity());
  ASSERT_TRUE(written) << written.error().detail;
  const auto row = only_row("activities");
  EXPECT_EQ(row.at("id").dump(), written->id);
  EXPECT_EQ(row.at("subject"), "Q1 review");
  EXPECT_EQ(row.at("type"), "discovery_call");
  EXPECT_EQ(row.at("deal_id"), 52);
  EXPECT_EQ(row.at("person_id"), 9);
  EXPECT_EQ(row.at("participants").size(), 2U);
  EXPECT_EQ(row.at("due_date"), "2026-02-03");
  EXPECT_EQ(row.at("done"), true);
  EXPECT_EQ(stand().recall(activity())->found.at(0).id, written->id);
}

TEST_P(Pipedrive, AnActivityIsUpdatedInPlaceAndRemoved) {
  auto put = activity();
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written);
  put.mode = crm::Mode::Update;
  put.id = written->id;
  put.content.title = "Q1 review, edited";
  ASSERT_TRUE(stand().put_one(put));
  EXPECT_EQ(only_row("activities").at("subject"), "Q1 review, edited");
  ASSERT_TRUE(stand().remove(ArtifactKind::Activity, written->id));
  EXPECT_THAT(stand().recall(activity())->found, IsEmpty());
  EXPECT_EQ(stand().put_one(put).error().cause, Cause::NotFound);
}

TEST_P(Pipedrive, AnActivityInDoubtIsFoundAndItsTwinOffered) {
  stand().fault({{"path", "/activities"}, {"method", "POST"}}, {{"drop_after_commit", true}}, 1);
  EXPECT_EQ(stand().put_one(activity()).error().cause, Cause::Unanswered);
  ASSERT_TRUE(stand().put_one(activity()));
  EXPECT_THAT(stand().recall(activity())->found, SizeIs(2));
}

TEST_P(Pipedrive, AnActivityOfAnUnknownTypeOrWithoutTheRightLeavesTheNoteAlone) {
  auto unknown = activity();
  unknown.occasion.type = "demo";  // out of use
  auto writes = stand().put({unknown, note_on(world_.anna, key_2)});
  EXPECT_EQ(writes.each.at(0).error().cause, Cause::Rejected);
  EXPECT_TRUE(writes.each.at(1));
  stand().control("POST", "users", {{"org", "acme"}, {"user", 11}, {"lacks", {"add activities"}}});
  writes = stand().put({activity(), note_on(world_.anna, key_3)});
  EXPECT_EQ(writes.each.at(0).error().cause, Cause::NotPermitted);
  EXPECT_TRUE(writes.each.at(1));
}

TEST_P(Pipedrive, ACopyThatAPersonMadeIsNotOfferedForRemoval) {
  const auto put = note_on(world_.anna, key_1);
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written);
  const auto content = "<p>From the call:</p><p>Ref: " + std::string(key_1) + "</p>";
  stand().control("PUT", "rows/acme/notes", {{"content", content}, {"person_id", 9}, {"user_id", 12}});
  const auto found = stand().recall(put);
  ASSERT_THAT(found->found, SizeIs(1));
  EXPECT_EQ(found->found[0].id, written->id);
}

TEST_P(Pipedrive, APersonIsTakenBackOnlyWhileNothingHangsOnHim) {
  const auto used = stand().put_one(eva());
  ASSERT_TRUE(used) << used.error().detail;
  ASSERT_TRUE(stand().put_one(note_on({"contact", used->id, "", ""}, key_1)));
  EXPECT_EQ(stand().remove(ArtifactKind::Contact, used->id).error().cause, Cause::Rejected);
  const auto empty = stand().put_one(eva());
  const auto removed = stand().remove(ArtifactKind::Contact, empty->id);
  ASSERT_TRUE(removed) << removed.error().detail;
  EXPECT_EQ(removed->requests, 5);
  EXPECT_TRUE(stand().remove(ArtifactKind::Contact, empty->id)) << "what is gone is no failure";
}

TEST_P(Pipedrive, OfTwinsTellsWhichMayBeWhatWasSent) {
  const auto before = truncate(std::chrono::system_clock::now());
  const auto first = stand().put_one(eva());
  ASSERT_TRUE(first) << first.error().detail;
  const json by_hand = {{"name", "Eva Lind"}, {"emails", {"eva.lind@fabrikam.example"}}, {"owner_id", 12}};
  stand().control("PUT", "rows/acme/persons", by_hand);
  const auto second = stand().put_one(eva());
  ASSERT_TRUE(second);
  const auto recalled = stand().recall(eva(), before);
  ASSERT_TRUE(recalled) << recalled.error().detail;
  EXPECT_THAT(recalled->found, SizeIs(3));
  EXPECT_EQ(recalled->found[0].id, first->id);
  EXPECT_THAT(recalled->as_sent, ElementsAre(second->id));
}

TEST_P(Pipedrive, RequestsAndTokensAreCountedAsTheVendorCountsThem) {
  ASSERT_TRUE(stand().describe());
  stand().control("DELETE", "journal");
  const auto answers =
      stand().look({crm::ContactsByEmail{{"anna.obrien@contoso.example", "x@y.example"}},
                    crm::ContactsByPhone{"+46855501020", "SE"}, crm::NewestDealOf{world_.anna}});
  auto writes = stand().put({note_on(world_.anna, key_1), activity()});
  const auto recalled = stand().recall(note_on(world_.anna, key_1));
  const auto removed = stand().remove(ArtifactKind::Note, writes.each.at(0)->id);
  const auto spent = answers->spent + writes.spent + recalled->spent + *removed;
  EXPECT_EQ(spent.tokens, tokens_in_the_journal());
  EXPECT_EQ(static_cast<std::size_t>(spent.requests), stand().requests().size());
  // A phone that is not found in its digits is looked for in its notations, too.
  if (!GetParam().otherwise) {
    EXPECT_EQ(answers->spent.tokens, 20 + 20 + 20 + 10);
  }
}

TEST_P(Pipedrive, WhatFailsAsAWholeIsCountedToo) {
  const auto used = stand().put_one(eva());
  ASSERT_TRUE(used) << used.error().detail;
  ASSERT_TRUE(stand().put_one(note_on({"contact", used->id, "", ""}, key_1)));
  stand().control("DELETE", "journal");
  const auto in_use = stand().remove(ArtifactKind::Contact, used->id);
  ASSERT_TRUE(!in_use && in_use.error().spent);
  EXPECT_EQ(in_use.error().spent->tokens, tokens_in_the_journal());
  stand().fault({{"path", "/api/v1/notes"}, {"method", "GET"}}, {{"status", 503}}, 1);
  const auto unread = stand().recall(note_on(world_.anna, key_2));
  stand().fault({{"path", "/api/v1/activityTypes"}}, {{"status", 503}}, 1);
  const auto undescribed = stand().describe();
  ASSERT_TRUE(!unread && !undescribed);
  Spent spent;
  for (const auto& failure : {in_use.error(), unread.error(), undescribed.error()}) {
    ASSERT_TRUE(failure.spent) << failure.detail;
    spent += *failure.spent;
  }
  EXPECT_EQ(static_cast<std::size_t>(spent.requests), stand().requests().size());
}

TEST_P(Pipedrive, ManyLookUpsKeepToTheLimitOfSearches) {
  crm::ContactsByEmail many;
  for (int i = 0; i < 24; ++i) many.emails.push_back("guest" + std::to_string(i) + "@fabrikam.example");
  many.emails.emplace_back("anna.obrien@contoso.example");
  const auto answers = stand().look({many});
  ASSERT_TRUE(answers && answers->each.at(0)) << answers->each.at(0).error().detail;
  EXPECT_THAT(answers->each[0]->contacts, SizeIs(1));
  for (const auto& request : stand().requests()) EXPECT_EQ(request.at("status"), 200);
}

// Where in an hour, or a part of one, the rest ends by the vendor's clock.
std::chrono::seconds ends_at(Stand& stand, const Failure& failure, std::chrono::minutes each) {
  const auto now = stand.control("POST", "clock", {{"advance", 0}}).at("time").get<double>();
  const auto rest = std::chrono::duration<double>(failure.retry_after.value_or(std::chrono::seconds(0)));
  return std::chrono::seconds(static_cast<std::int64_t>(now + rest.count())) % each;
}

TEST_P(Pipedrive, AtItsShareOfTheDayTheConnectionRests) {
  if (GetParam().otherwise) GTEST_SKIP() << "no header tells the budget";
  auto world = *world_of("pipedrive");
  world.connection.settings["daily_share"] = "80";
  connect(world);
  stand().control("POST", "limits", {{"org", "acme"}, {"throttle", {{"daily", 1000}, {"left", 230}}}});
  ASSERT_TRUE(stand().look({crm::DealById{"50"}})->each.at(0));
  ASSERT_TRUE(stand().look({crm::ContactsByEmail{{"x@y.example"}}})->each.at(0));  // 209 are left
  ASSERT_TRUE(stand().put_one(note_on(world_.anna, key_1)));                       // 199
  const auto rest = stand().put_one(note_on(world_.anna, key_2));
  ASSERT_FALSE(rest);
  EXPECT_EQ(rest.error().cause, Cause::RateLimited);
  EXPECT_THAT(ends_at(stand(), rest.error(), std::chrono::minutes(60)).count(), AllOf(Ge(5), Le(7)));
  EXPECT_THAT(stand().requests(), SizeIs(3));
}

TEST_P(Pipedrive, AnEmptyBudgetRestsTheConnectionUntilAQuarterStrikes) {
  if (GetParam().otherwise) GTEST_SKIP() << "no header tells the budget";
  stand().control("POST", "limits", {{"org", "acme"}, {"throttle", {{"daily", 1000}, {"left", 0}}}});
  const auto failed = stand().put_one(note_on(world_.anna, key_1));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().cause, Cause::RateLimited);
  EXPECT_THAT(ends_at(stand(), failed.error(), std::chrono::minutes(15)).count(), AllOf(Ge(5), Le(7)));
}

TEST_P(Pipedrive, ABurstRestsForSeconds) {
  stand().control("POST", "limits", {{"org", "acme"}, {"throttle", {{"burst", 0}}}});
  const auto failed = stand().put_one(note_on(world_.anna, key_1));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().cause, Cause::RateLimited);
  EXPECT_LE(failed.error().retry_after, std::chrono::seconds(5));
}

TEST_P(Pipedrive, AnAccountThatIsNotOpenIsSaidSo) {
  stand().control("POST", "switches", {{"org", "acme"}, {"switches", {{"disabled", true}}}});
  EXPECT_EQ(stand().describe().error().cause, Cause::SetupIncomplete);
  EXPECT_EQ(stand().put_one(note_on(world_.anna, key_1)).error().cause, Cause::SetupIncomplete);
}

TEST_P(Pipedrive, AnApiTokenDoes) {
  auto world = *world_of("pipedrive");
  world.connection.settings = {};
  world.credentials = {.api_token = Secret("kim-token")};
  connect(world);
  ASSERT_TRUE(stand().describe()) << stand().describe().error().detail;
  EXPECT_TRUE(stand().put_one(note_on(world_.anna, key_1)));
  for (const auto& request : stand().requests()) EXPECT_TRUE(request.at("headers").contains("x-api-token"));
}

TEST_P(Pipedrive, WithoutTheRightToReadDealsThereAreNone) {
  stand().control("POST", "world",
                  {{"companies",
                    {{"acme",
                      {{"grants",
                        {{{"refresh_token", "1:2:r1"},
                          {"app", "cid"},
                          {"user", 11},
                          {"scopes", "base,contacts:full"}}}}}}}}});
  const auto described = stand().describe();
  ASSERT_TRUE(described) << described.error().detail;
  EXPECT_FALSE(described->capabilities.deals);
  EXPECT_FALSE(described->capabilities.activities);
  EXPECT_THAT(described->missing, IsEmpty());
  EXPECT_EQ(stand().look({crm::NewestDealOf{world_.anna}})->each.at(0).error().cause, Cause::NotPermitted);
}

}  // namespace
}  // namespace aftercall::test
