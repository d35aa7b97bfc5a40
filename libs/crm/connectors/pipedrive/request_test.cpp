#include "request.hpp"

#include <gmock/gmock.h>

#include "crm/golden.hpp"
#include "crm/json.hpp"
#include "reference.hpp"
#include "rights.hpp"

namespace aftercall::crm::pipedrive {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const Sender sender{"https://acme.pipedrive.com", false, Secret("TOKEN"),
                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                    "7c9e6679-7425-40de-944b-e07fc1f90ae7"};
const Instant start = *parse_rfc3339("2026-02-03T23:05:30.500Z");
const std::string key = "55555555-0000-5000-8000-000000000001";
const CrmRecord anna{"contact", "7", "Anna", ""};
const CrmRecord renewal{"deal", "52", "Renewal", ""};

std::string shown(const Operation& operation) {
  const auto request = wrap(operation, sender);
  std::string text = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers) text.append(name).append(": ").append(value).append("\n");
  text += "# " + std::to_string(operation.tokens) + " tokens" + (operation.search ? ", a search" : "") +
          (operation.repeatable ? "" : ", not to be repeated") + "\n";
  return text + "\n" + request.body + "\n\n";
}
void expect(const std::string& name, const std::vector<Operation>& operations) {
  std::string text;
  for (const auto& each : operations) text += shown(each);
  expect_golden(SOURCE_DIR "/connectors/pipedrive/golden/" + name, text);
}

Put put(ArtifactKind kind, const CrmRecord& target, std::vector<CrmRecord> beside = {}) {
  Put made;
  made.kind = kind;
  made.key = key;
  made.target = target;
  made.beside = std::move(beside);
  made.content = {"Q1 \"review\"", "<p>it's 100% \xC3\xA5 \xF0\x9F\x98\x80</p>", ""};
  made.occasion = {"discovery_call", start, std::chrono::minutes(45)};
  return made;
}
Put update(Put made, const std::string& id) {
  made.mode = Mode::Update;
  made.id = id;
  return made;
}
Put person(const std::string& name, const std::string& email = "", const std::string& phone = "") {
  Put made;
  made.kind = ArtifactKind::Contact;
  made.key = key;
  made.person.name = name;
  made.person.email = email;
  made.person.phone = phone;
  return made;
}
Json body_of(const Put& made) { return parse_json(operation_for(made).value().body); }

TEST(Request, AsksForAPersonByEmail) {
  expect("look_email.http", {persons_by_email("o'neil+x@contoso.example")});
}

TEST(Request, AsksForAPhoneInItsNotations) {
  expect("look_phone.http", persons_by_phone("+46855501020", "SE"));
  EXPECT_THAT(persons_by_phone("", "SE"), IsEmpty());
  EXPECT_THAT(persons_by_phone("+46112", "SE"), IsEmpty());
}

TEST(Request, AsksForDeals) { expect("look_deals.http", {deal_by_id(52), newest_deals_of(7)}); }

TEST(Request, AsksWhatWeMayDo) {
  std::vector<Operation> operations{who_am_i()};
  for (const auto probe : every_probe) operations.push_back(operation_for(probe));
  expect("describe.http", operations);
}

TEST(Request, ANoteHangsOnItsPersonAndDealAndBearsItsReference) {
  expect("put_note.http", {*operation_for(put(ArtifactKind::Note, anna, {renewal})),
                           *operation_for(put(ArtifactKind::Note, renewal))});
}

TEST(Request, AnUpdateOfANoteLeavesItsPersonAlone) {
  expect("update_note.http", {*operation_for(update(put(ArtifactKind::Note, anna, {renewal}), "801"))});
}

TEST(Request, AnActivityHasParticipantsAndIsDone) {
  const auto made = put(ArtifactKind::Activity, anna, {{"contact", "19", "", ""}, renewal, anna});
  expect("put_activity.http", {*operation_for(made), *operation_for(update(made, "640")),
                               *operation_for(update(made, "640"), {{7, true}, {19, false}})});
}

TEST(Request, WhoTookPartAndWhoIsThereIsAsked) {
  expect("look_participants.http", {activity_by_id(640), persons_by_id({7, 19})});
}

TEST(Request, APersonIsCreatedWithWhatIsKnown) {
  expect("put_person.http", {*operation_for(person("Ola Nord", "ola@nord.example", "+4790000001"))});
}

TEST(Request, ALostPutIsLookedForInLists) {
  expect("recall.http", {*recall_of(put(ArtifactKind::Note, anna, {renewal}), start),
                         *recall_of(put(ArtifactKind::Note, renewal), start, Among::ItsRecord, 100),
                         *recall_of(put(ArtifactKind::Activity, anna), start),
                         *recall_of(person("", "ola@nord.example"), start)});
}

TEST(Request, WhatWasMadeTwiceIsRemoved) {
  expect("remove.http", {*removal_of(ArtifactKind::Note, "802"), *removal_of(ArtifactKind::Activity, "641"),
                         *removal_of(ArtifactKind::Contact, "31")});
  EXPECT_EQ(removal_of(ArtifactKind::Note, "8/../1").error().cause, Cause::Rejected);
}

TEST(Request, IsSignedAsTheConnectionSignsIn) {
  auto bearer = sender;
  bearer.bearer = true;
  EXPECT_EQ(wrap(who_am_i(), bearer).headers.find("Authorization"), "Bearer TOKEN");
  EXPECT_EQ(wrap(who_am_i(), bearer).headers.find("x-api-token"), std::nullopt);
  EXPECT_EQ(wrap(who_am_i(), sender).headers.find("Authorization"), std::nullopt);
}

TEST(Request, TheNextPageIsThisOneFurtherOn) {
  const auto first = persons_by_email("a@b.example");
  const auto second = next_page(first, "eyJ4 &=");
  EXPECT_EQ(second.path, first.path + "&cursor=eyJ4%20%26%3D");
  EXPECT_EQ(next_page(second, "z").path, first.path + "&cursor=z");
  EXPECT_TRUE(second.search);
}

TEST(Request, WhatCannotBeSentIsRejected) {
  for (const auto* const id : {"", "x", "0", "-1", "7a", " 7", "7/../8", "9999999999999999", "1e3"}) {
    const CrmRecord odd{"contact", id, "", ""};
    EXPECT_EQ(operation_for(put(ArtifactKind::Note, odd)).error().cause, Cause::Rejected) << id;
    EXPECT_EQ(operation_for(put(ArtifactKind::Note, anna, {odd})).error().cause, Cause::Rejected) << id;
    EXPECT_EQ(operation_for(update(put(ArtifactKind::Note, anna), id)).error().cause, Cause::Rejected) << id;
    EXPECT_EQ(recall_of(put(ArtifactKind::Note, odd), start).error().cause, Cause::Rejected) << id;
  }
  EXPECT_EQ(operation_for(put(ArtifactKind::Note, {"account", "7", "", ""})).error().cause, Cause::Rejected);
  EXPECT_EQ(operation_for(update(person("Eva"), "7")).error().cause, Cause::Rejected);
  EXPECT_EQ(operation_for(person("")).error().cause, Cause::Rejected);
  auto untyped = put(ArtifactKind::Activity, anna);
  untyped.occasion.type.clear();
  EXPECT_EQ(operation_for(untyped).error().cause, Cause::Rejected);
}

TEST(Request, ATextWithoutAKeyCouldNotBeFoundAgain) {
  auto nameless = put(ArtifactKind::Note, anna);
  nameless.key.clear();
  EXPECT_EQ(operation_for(nameless).error().cause, Cause::Rejected);
  EXPECT_EQ(recall_of(nameless, start).error().cause, Cause::Rejected);
}

TEST(Request, ATextIsCountedInBytes) {
  auto fits = put(ArtifactKind::Note, anna);
  fits.content.html = std::string(most_note_bytes - with_reference("", key).size(), 'x');
  EXPECT_TRUE(operation_for(fits));
  fits.content.html += 'x';
  EXPECT_EQ(operation_for(fits).error().cause, Cause::TooLong);
  fits.kind = ArtifactKind::Activity;
  EXPECT_EQ(operation_for(fits).error().cause, Cause::TooLong);
}

TEST(Request, BytesThatAreNoUtf8DoNotStopANote) {
  auto broken = put(ArtifactKind::Note, anna);
  broken.content.html = "a\xFF z";
  EXPECT_THAT(operation_for(broken)->body, HasSubstr("a\xEF\xBF\xBD z"));
}

TEST(Request, AnUpdateWithoutAPlaceLeavesTheRecordWhereItIs) {
  const auto body = body_of(update(put(ArtifactKind::Note, {}), "801"));
  EXPECT_EQ(member(body, "person_id"), nullptr);
  EXPECT_EQ(member(body, "deal_id"), nullptr);
}

TEST(Request, AnActivityOfNoLengthOrOfDaysIsStillOne) {
  auto made = put(ArtifactKind::Activity, anna);
  made.occasion.duration = std::chrono::minutes(0);
  EXPECT_EQ(member(body_of(made), "duration"), nullptr);
  made.occasion.duration = std::chrono::hours(100);
  EXPECT_EQ(text_of(body_of(made), "duration"), "23:59");
}

TEST(Request, ADayThatNobodyStatedIsGivenOnceAndNeverMoved) {
  auto made = put(ArtifactKind::Activity, anna);
  made.occasion.assumed = true;
  EXPECT_EQ(text_of(body_of(made), "due_date"), "2026-02-03");
  EXPECT_EQ(member(body_of(update(made, "640")), "due_date"), nullptr);
  EXPECT_EQ(member(body_of(update(made, "640")), "due_time"), nullptr);
}

TEST(Request, APersonWithoutANameIsCalledByTheAddress) {
  const auto name = [](const Put& made) { return text_of(body_of(made), "name"); };
  EXPECT_EQ(name(person("  Eva Lind \n", "e@x.example")), "Eva Lind");
  EXPECT_EQ(name(person(" ", "eva@x.example")), "eva");
  EXPECT_EQ(name(person("", "", "+46701112233")), "+46701112233");
  EXPECT_EQ(member(body_of(person("Eva")), "emails"), nullptr);
}

TEST(Id, IsANumberHoweverItIsWritten) {
  EXPECT_EQ(id_in("7"), 7);
  EXPECT_EQ(id_in("007"), 7);
  EXPECT_EQ(id_in("+7"), std::nullopt);
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
