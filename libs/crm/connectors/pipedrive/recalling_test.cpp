#include "recalling.hpp"

#include <gmock/gmock.h>

#include "reference.hpp"

namespace aftercall::crm::pipedrive {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string base = "https://acme.pipedrive.com";
const std::string key = "55555555-0000-5000-8000-000000000001";
const Instant since = *parse_rfc3339("2026-09-30T10:20:00Z");

Put lost(ArtifactKind kind) {
  Put put;
  put.kind = kind;
  put.key = key;
  put.target = {"contact", "7", "", ""};
  put.person.email = "ola@nord.example";
  return put;
}
std::string note(int id, const std::string& its_key, const std::string& more = R"(,"user":{"is_you":true})") {
  return R"({"id":)" + std::to_string(id) + R"(,"active_flag":true,"content":"<p>x</p><p>Ref: )" + its_key +
         R"(</p>","add_time":"2026-09-30 10:21:00","update_time":"2026-09-30 10:21:00")" + more + "}";
}
std::string activity(int id, int creator) {
  return R"({"id":)" + std::to_string(id) + R"(,"note":"Ref: )" + key + R"(","creator_user_id":)" +
         std::to_string(creator) +
         R"(,"add_time":"2026-09-30T10:21:00Z","update_time":"2026-09-30T10:21:01Z"})";
}
std::string person(int id, const std::string& email, const std::string& added, const std::string& more = "") {
  return R"({"id":)" + std::to_string(id) + R"(,"name":"N","emails":[{"value":")" + email +
         R"(","primary":true}],"add_time":")" + added + R"(")" + more + "}";
}
http::Response notes(const std::string& rows, const std::string& next = "") {
  const auto paging = next.empty() ? R"("more_items_in_collection":false)"
                                   : R"("more_items_in_collection":true,"next_start":)" + next;
  return {200,
          {},
          R"({"success":true,"data":)" + rows + R"(,"additional_data":{"pagination":{)" + paging + "}}}"};
}
http::Response list(const std::string& rows, const std::string& cursor = "null") {
  return {200,
          {},
          R"({"success":true,"data":[)" + rows + R"(],"additional_data":{"next_cursor":)" + cursor + "}}"};
}
http::Response there(int id, const std::string& more = "") {
  return {200,
          {},
          R"({"success":true,"data":)" + person(id, "ola@nord.example", "2026-01-01T00:00:00Z", more) + "}"};
}
Result<std::vector<std::string>> recalled(Put put, const std::vector<http::Response>& replies) {
  Recalling recalling(std::move(put), since, base);
  std::size_t i = 0;
  while (recalling.next() && i < replies.size()) recalling.absorb(replies[i++]);
  EXPECT_FALSE(recalling.next()) << "more was asked for";
  EXPECT_EQ(i, replies.size()) << "not everything was asked for";
  const auto found = recalling.finish();
  if (!found) return tl::unexpected(found.error());
  std::vector<std::string> ids;
  for (const auto& each : found->found) ids.push_back(each.id);
  return ids;
}

TEST(Recalling, APersonWhoseNumberStandsThereInNationalFormatIsFound) {
  auto put = lost(ArtifactKind::Contact);
  put.person = {"Ola", "", "+46701234567"};
  const auto row = list(R"({"id":31,"name":"N","phones":[{"value":"070-123 45 67"}],)"
                        R"("add_time":"2026-09-30T10:21:00Z"})");
  EXPECT_THAT(*recalled(put, {row}), IsEmpty());
  put.region = "SE";
  EXPECT_THAT(*recalled(put, {row}), ElementsAre("31"));
}

TEST(Recalling, FindsANoteByItsReference) {
  const auto found =
      recalled(lost(ArtifactKind::Note), {notes("[" + note(801, key) + "," + note(802, "other") + "]")});
  EXPECT_THAT(*found, ElementsAre("801"));
  EXPECT_THAT(*recalled(lost(ArtifactKind::Note), {notes("null"), there(7)}), IsEmpty());
}

TEST(Recalling, WhatWasMadeBeforeOursIsNotReadHoweverMuchOfItWasChangedSince) {
  const std::string old = R"({"id":1,"active_flag":false,"content":"","add_time":"2026-09-30 10:09:59"})";
  EXPECT_THAT(*recalled(lost(ArtifactKind::Note), {notes("[" + note(801, key) + "," + old + "]", "50")}),
              ElementsAre("801"));
  const std::string older = R"({"id":1,"note":"","add_time":"2026-09-30T10:09:59Z"})";
  EXPECT_THAT(*recalled(lost(ArtifactKind::Activity), {list(activity(640, 11) + "," + older, R"("next")")}),
              ElementsAre("640"));
}

TEST(Recalling, WhatHungOnAPersonWhoIsGoneIsLookedForEverywhere) {
  const http::Response merged{404, {}, R"({"success":false})"};
  const auto deleted = there(7, R"(,"is_deleted":true)");
  for (const auto& gone : {merged, deleted, there(9)}) {
    Recalling recalling(lost(ArtifactKind::Note), since, base);
    EXPECT_THAT(recalling.next()->path, HasSubstr("person_id=7"));
    recalling.absorb(notes("null"));
    EXPECT_THAT(recalling.next()->path, HasSubstr("/api/v2/persons/7"));
    recalling.absorb(gone);
    EXPECT_THAT(recalling.next()->path, Not(HasSubstr("person_id")));
    EXPECT_THAT(recalling.next()->path, HasSubstr("updated_since="));
    recalling.absorb(notes("[" + note(901, "other") + "]", "100"));
    EXPECT_THAT(recalling.next()->path, Not(HasSubstr("person_id"))) << "nor on its second page";
    recalling.absorb(notes("[" + note(801, key) + "]"));
    EXPECT_FALSE(recalling.next());
    EXPECT_EQ(recalling.finish()->found.at(0).id, "801");
  }
  EXPECT_THAT(*recalled(lost(ArtifactKind::Note), {notes("null"), merged, notes("null")}), IsEmpty());
  EXPECT_THAT(*recalled(lost(ArtifactKind::Activity), {list(""), merged, list(activity(640, 11))}),
              ElementsAre("640"));
}

TEST(Recalling, WhetherThePersonIsGoneMustBeKnown) {
  for (const auto& odd : {http::Response{503, {}, ""}, http::Response{200, {}, R"({"success":true})"}})
    EXPECT_EQ(recalled(lost(ArtifactKind::Note), {notes("null"), odd}).error().cause, Cause::ServerError);
}

TEST(Recalling, TurnsThePagesOfNotes) {
  Recalling recalling(lost(ArtifactKind::Note), since, base);
  recalling.absorb(notes("[" + note(901, "other") + "]", "100"));
  EXPECT_THAT(recalling.next()->path, HasSubstr("start=100"));
  recalling.absorb(notes("[" + note(801, key) + "]"));
  EXPECT_EQ(recalling.finish()->found.at(0).id, "801");
  EXPECT_EQ(recalling.finish()->found.at(0).link, base + "/person/7");
}

TEST(Recalling, OffersForRemovalOnlyWhatIsOursAndUntouched) {
  auto touched = note(805, key, R"(,"user":{"is_you":true})");
  const std::string then = R"("update_time":"2026-09-30 10:)";
  touched.replace(touched.find(then), then.size(), R"("update_time":"2026-09-30 11:)");
  const auto found =
      recalled(lost(ArtifactKind::Note),
               {notes("[" + note(804, key) + "," + note(803, key, R"(,"user":{"is_you":false})") + "," +
                      note(802, key, "") + "," + note(801, key) + "," + touched + "]")});
  EXPECT_THAT(*found, ElementsAre("801", "804"));
}

TEST(Recalling, ANoteThatWasDeletedIsNotThere) {
  auto deleted = note(801, key);
  deleted.replace(deleted.find("true"), 4, "false");
  EXPECT_THAT(*recalled(lost(ArtifactKind::Note), {notes("[" + deleted + "]"), there(7)}), IsEmpty());
}

TEST(Recalling, AsksWhoWeAreOnlyWhenThereAreSeveralActivities) {
  EXPECT_THAT(*recalled(lost(ArtifactKind::Activity), {list(activity(640, 12))}), ElementsAre("640"));
  const http::Response us{
      200, {}, R"({"success":true,"data":{"id":11,"company_id":900,"company_name":"Acme"}})"};
  EXPECT_THAT(*recalled(lost(ArtifactKind::Activity),
                        {list(activity(642, 11) + "," + activity(641, 12) + "," + activity(640, 11)), us}),
              ElementsAre("640", "642"));
}

TEST(Recalling, FindsThePersonsWhoCameToHaveTheAddress) {
  EXPECT_THAT(*recalled(lost(ArtifactKind::Contact),
                        {list(person(33, "Ola@nord.example", "2026-09-30T10:22:00Z") + "," +
                                  person(32, "x@nord.example", "2026-09-30T10:21:30Z"),
                              R"("p2")"),
                         list(person(31, "ola@nord.example", "2026-09-30T10:21:00Z"))}),
              ElementsAre("31", "33"));
  EXPECT_THAT(
      *recalled(lost(ArtifactKind::Contact),
                {list(person(31, "ola@nord.example", "2026-09-30T10:21:00Z", R"(,"is_deleted":true)"))}),
      IsEmpty());
}

// A user deletes an empty new person, merges it into an older one, or gives it another address, before the
// list was read.
class RecallingOurs : public testing::Test {
 protected:
  static Put ours() {
    auto put = lost(ArtifactKind::Contact);
    put.id = "31";
    return put;
  }
  static std::string row(int id) { return person(id, "ola@nord.example", "2026-09-30T10:21:00Z"); }
  const http::Response merged{404, {}, R"({"success":false})"};
};

TEST_F(RecallingOurs, IsLookedAtWhereTheListDoesNotShowIt) {
  EXPECT_THAT(*recalled(ours(), {list(row(31))}), ElementsAre("31"));
  Recalling recalling(ours(), since, base);
  recalling.absorb(list(row(33)));
  EXPECT_THAT(recalling.next()->path, HasSubstr("/api/v2/persons/31"));
  recalling.absorb(there(31));
  EXPECT_FALSE(recalling.next());
  EXPECT_FALSE(recalling.finish()->gone) << "the list is late";
  EXPECT_EQ(recalling.finish()->found.size(), 1U);
  EXPECT_EQ(recalled(ours(), {list(""), {503, {}, ""}}).error().cause, Cause::ServerError);
}

TEST_F(RecallingOurs, ThatIsGoneIsSaidToBeAndWhoHasItsAddressIsFoundHoweverOld) {
  for (const auto& gone : {merged, there(31, R"(,"is_deleted":true)")}) {
    const auto old = person(6, "x@nord.example", "2020-02-01T00:00:00Z");
    const auto kept = person(5, "ola@nord.example", "2020-01-01T00:00:00Z");
    Recalling recalling(ours(), since, base);
    recalling.absorb(list(old, R"("p2")"));
    recalling.absorb(gone);
    EXPECT_THAT(recalling.next()->path, HasSubstr("updated_since="));
    recalling.absorb(list(old, R"("p2")"));
    EXPECT_THAT(recalling.next()->path, HasSubstr("cursor=p2"));
    recalling.absorb(list(kept));
    EXPECT_FALSE(recalling.next());
    EXPECT_TRUE(recalling.finish()->gone);
    EXPECT_EQ(recalling.finish()->found.at(0).id, "5");
  }
  EXPECT_THAT(*recalled(ours(), {list(""), merged}), IsEmpty()) << "all was read before";
}

TEST_F(RecallingOurs, WithAnotherAddressByNowIsFound) {
  const http::Response changed{
      200, {}, R"({"success":true,"data":)" + person(31, "o@nord.example", "2026-09-30T10:21:00Z") + "}"};
  EXPECT_THAT(*recalled(ours(), {list(""), changed}), ElementsAre("31"));
  EXPECT_THAT(*recalled(ours(), {list(row(33)), changed}), ElementsAre("33"));
}

TEST_F(RecallingOurs, EndlessPagesBehindOneThatIsGoneAreAnEnd) {
  Recalling recalling(ours(), since, base);
  recalling.absorb(list(person(6, "x@nord.example", "2020-02-01T00:00:00Z"), R"("p")"));
  recalling.absorb(merged);
  for (int asked = 0; recalling.next() && asked < 100; ++asked) recalling.absorb(list("", R"("p")"));
  ASSERT_TRUE(recalling.finish()) << "else the unit could never end";
  EXPECT_TRUE(recalling.finish()->gone);
}

TEST(Recalling, SaysWhichDealAFoundNoteDoesNotShow) {
  for (const auto kind : {ArtifactKind::Note, ArtifactKind::Activity}) {
    const auto shown_beside = [&](const std::string& deal) {
      auto put = lost(kind);
      put.beside = {{"deal", "52", "", ""}};
      Recalling recalling(put, since, base);
      auto row = kind == ArtifactKind::Note ? note(801, key) : activity(801, 11);
      row.insert(1, deal);
      recalling.absorb(kind == ArtifactKind::Note ? notes("[" + row + "]") : list(row));
      return recalling.finish()->found.at(0).without;
    };
    ASSERT_EQ(shown_beside(R"("deal_id":null,)").size(), 1U);
    EXPECT_EQ(shown_beside("").at(0).id, "52");
    EXPECT_THAT(shown_beside(R"("deal_id":52,)"), IsEmpty());
    EXPECT_THAT(shown_beside(R"("deal_id":99,)"), IsEmpty()) << "people moved it";
  }
}

// A person bears no reference: only one just as we send them, of our own user and unedited, may be ours.
TEST(Recalling, OfTwinsTellsWhichMayBeWhatWasSent) {
  auto put = lost(ArtifactKind::Contact);
  put.person.name = "N";
  const std::string at = "2026-09-30T10:21:00Z";
  const auto of = [&](int id, const std::string& more) { return person(id, "ola@nord.example", at, more); };
  Recalling recalling(put, since, base);
  recalling.absorb(list(of(31, R"(,"owner_id":11)") + "," + of(32, R"(,"owner_id":11)") + "," +
                        of(33, R"(,"owner_id":12)") + "," +
                        of(34, R"(,"owner_id":11,"phones":[{"value":"1"}])") + "," +
                        of(35, R"(,"owner_id":11,"update_time":"2026-09-30T11:00:00Z")")));
  EXPECT_THAT(recalling.next()->path, HasSubstr("/users/me"));
  recalling.absorb(http::Response{200, {}, R"({"success":true,"data":{"id":11,"company_id":900}})"});
  const auto found = recalling.finish();
  EXPECT_EQ(found->found.size(), 5U);
  EXPECT_EQ(found->found[1].at, parse_rfc3339(at));
  EXPECT_THAT(found->as_sent, ElementsAre("32"));
}

TEST(Recalling, DoesNotLeafThroughWhoWasThereBefore) {
  EXPECT_THAT(*recalled(lost(ArtifactKind::Contact),
                        {list(person(31, "ola@nord.example", "2026-09-30T10:21:00Z") + "," +
                                  person(5, "x@nord.example", "2020-01-01T00:00:00Z"),
                              R"("p2")")}),
              ElementsAre("31"));
}

TEST(Recalling, APersonWithoutAnEmailIsKnownByThePhone) {
  auto put = lost(ArtifactKind::Contact);
  put.person.email.clear();
  put.person.phone = "+4790000001";
  EXPECT_THAT(*recalled(put, {list(person(30, "x@nord.example", "2026-09-30T10:21:00Z") + "," +
                                   person(31, "ola@nord.example", "2026-09-30T10:21:00Z",
                                          R"(,"phones":[{"value":"+47 900 00 001"}])"))}),
              ElementsAre("31"));
}

TEST(Recalling, EndlessPagesAreNoAnswer) {
  Recalling recalling(lost(ArtifactKind::Note), since, base);
  int asked = 0;
  for (; recalling.next() && asked < 100; ++asked) recalling.absorb(notes("[]", "100"));
  EXPECT_EQ(asked, 20);
  EXPECT_EQ(kind_of(recalling.finish().error().cause), Kind::Transient);
}

TEST(Recalling, AFailureIsNoEmptyLook) {
  EXPECT_FALSE(recalled(lost(ArtifactKind::Note), {http::Response{503, {}, ""}}));
  EXPECT_FALSE(recalled(lost(ArtifactKind::Note), {http::Response{200, {}, "{}"}}));
  EXPECT_FALSE(recalled(lost(ArtifactKind::Note), {http::Response{200, {}, R"({"success":true,"data":7})"}}));
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
