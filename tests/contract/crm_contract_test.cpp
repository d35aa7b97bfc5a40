// What every connector does for the stages, whatever its CRM is like.
#include "crm_suite.hpp"

namespace aftercall::test {
namespace {

using crm::Written;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

class Contract : public CrmSuite {
 protected:
  crm::Answer ask(crm::Question question) {
    const auto answers = stand().look({std::move(question)});
    if (!answers || !answers->each.at(0)) {
      ADD_FAILURE() << (answers ? answers->each[0].error().detail : answers.error().detail);
      return {};
    }
    return *answers->each[0];
  }
  crm::Answer by_email(std::string email) { return ask(crm::ContactsByEmail{{std::move(email)}}); }
  static std::string same(const CrmRecord& record) {
    return record.type + " " + record.id + " " + record.name;
  }
  std::string title(const std::string& text) { return world().titles ? text : ""; }
  const Instant start = *parse_rfc3339("2026-02-03T09:10:00Z");
};
INSTANTIATE_TEST_SUITE_P(EveryCrm, Contract, testing::ValuesIn(every_crm()), tried_as);

TEST_P(Contract, SaysWhoseAccountItIsAndWhatFits) {
  const auto found = stand().describe();
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->account.str(), world().account);
  EXPECT_FALSE(found->company.empty());
  const auto& told = found->capabilities;
  EXPECT_GT(told.note_text_length, 0U);
  EXPECT_GT(told.note_title_length, 0U);
  EXPECT_EQ(told.keyed_writes, can().keyed_writes);
  EXPECT_EQ(told.appointments, can().appointments);
  EXPECT_EQ(told.accounts, can().accounts);
  EXPECT_EQ(told.one_note, can().one_note);
  EXPECT_EQ(told.deals, can().deals);
  EXPECT_EQ(told.activities, can().activities);
  EXPECT_EQ(told.activity_types, can().activity_types);
  EXPECT_THAT(found->missing, IsEmpty());
}

TEST_P(Contract, ReadsTheLengthOfANoteFromTheAccount) {
  if (!world().tells_lengths) GTEST_SKIP() << "known from documents";
  stand().control("POST", "limits", world().shorter_notes);
  EXPECT_EQ(stand().describe()->capabilities.note_text_length, 50U);
}

TEST_P(Contract, TakesAPersonWhoseEmailIsAsLongAsItTellsAndNoneWithALongerOne) {
  const auto most = stand().describe()->capabilities.contact_email_length;
  if (most == 0) GTEST_SKIP() << "nobody knows of a limit";
  auto person = eva();
  person.person.email.insert(0, most + 1 - person.person.email.size(), 'x');
  EXPECT_EQ(stand().put_one(person).error().cause, Cause::TooLong);
  person.person.email.erase(0, 1);
  EXPECT_TRUE(stand().put_one(person));
}

TEST_P(Contract, NamesTheRightThatNotesNeedAndThatIsMissing) {
  for (const auto& each : world().unready) order(each);
  EXPECT_THAT(stand().describe()->missing, SizeIs(1));
}

TEST_P(Contract, FindsAContactByEmailInOtherLetterCase) {
  const auto found = by_email("anna.obrien@contoso.example");
  ASSERT_THAT(found.contacts, SizeIs(1));
  EXPECT_EQ(same(found.contacts[0].record), same(world().anna));
  EXPECT_EQ(found.contacts[0].email, "anna.obrien@contoso.example");
  EXPECT_NE(found.contacts[0].record.link, "");
}

TEST_P(Contract, FindsTheCompanyOfAContact) {
  if (!can().accounts) GTEST_SKIP() << "no accounts";
  const auto found = by_email("anna.obrien@contoso.example");
  ASSERT_THAT(found.contacts, SizeIs(1));
  ASSERT_TRUE(found.contacts[0].account);
  EXPECT_EQ(same(*found.contacts[0].account), same(world().contoso));
}

TEST_P(Contract, FindsAContactByAPhoneTypedInNationalFormat) {
  const auto found = ask(crm::ContactsByPhone{"+46855501020", "SE"});
  ASSERT_THAT(found.contacts, SizeIs(1));
  EXPECT_EQ(same(found.contacts[0].record), same(world().per));
  EXPECT_THAT(found.contacts[0].phones, ElementsAre("+46855501020"));
  EXPECT_FALSE(found.contacts[0].account);
}

TEST_P(Contract, FindsAContactByAPhoneTypedInternationally) {
  if (GetParam().otherwise)
    GTEST_SKIP() << "a notation of a person's own is found by its digits or not at all";
  const auto found = ask(crm::ContactsByPhone{"+46701234567", "DE"});
  ASSERT_THAT(found.contacts, SizeIs(1));
  EXPECT_EQ(same(found.contacts[0].record), same(world().anna));
}

TEST_P(Contract, FindsNobodyByAPhoneThatOnlyLooksAlike) {
  // All of its digits stand in Per's number, in this order.
  EXPECT_THAT(ask(crm::ContactsByPhone{"+468555010", "SE"}).contacts, IsEmpty());
}

TEST_P(Contract, FindsNobody) {
  const auto found = by_email("nobody@contoso.example");
  EXPECT_THAT(found.contacts, IsEmpty());
  EXPECT_EQ(found.inactive, 0U);
}

TEST_P(Contract, CountsAnInactiveContactButDoesNotOfferIt) {
  const auto found = by_email("gone@contoso.example");
  EXPECT_THAT(found.contacts, IsEmpty());
  if (!world().tells_inactive) return;
  EXPECT_EQ(found.inactive, 1U);
  EXPECT_EQ(found.inactive_by_email.at("gone@contoso.example"), 1U);
}

TEST_P(Contract, OffersTheOldestOfTwoContactsFirst) {
  const auto found = by_email("twins@contoso.example");
  ASSERT_THAT(found.contacts, SizeIs(2));
  EXPECT_EQ(found.contacts[0].record.id, world().older_twin.id);
  EXPECT_EQ(found.contacts[1].record.id, world().newer_twin.id);
}

TEST_P(Contract, TellsWhichContactAnswersToWhichEmail) {
  const auto found =
      ask(crm::ContactsByEmail{{"anna.obrien@contoso.example", "twins@contoso.example", "x@y.example"}});
  ASSERT_THAT(found.contacts, SizeIs(3));
  EXPECT_EQ(found.contacts[0].email, "anna.obrien@contoso.example");
  EXPECT_EQ(found.contacts[1].email, "twins@contoso.example");
}

TEST_P(Contract, FindsContactsWhoseAddressHoldsWhatQueriesAreMadeOf) {
  for (const std::string email : {"o'neil@contoso.example", "a_b@contoso.example", "100%@contoso.example",
                                  "x+y&z=1@contoso.example", "[a]@contoso.example"}) {
    stand().control("PUT", "rows/" + world().org + "/" + world().contacts, world().contact_row("Odd", email));
    EXPECT_THAT(by_email(email).contacts, SizeIs(1)) << email;
  }
  EXPECT_THAT(by_email("axb@contoso.example").contacts, IsEmpty());
  EXPECT_THAT(by_email("x' or lastname ne '").contacts, IsEmpty());
}

TEST_P(Contract, FindsTheAppointmentByJoinUrlAndStart) {
  if (!can().appointments) GTEST_SKIP() << "no appointments";
  const auto found = ask(crm::AppointmentAt{world().join_url, start});
  ASSERT_THAT(found.appointments, SizeIs(1));
  EXPECT_EQ(same(found.appointments[0]), same(world().appointment));
}

TEST_P(Contract, FindsNoAppointmentAtAnotherTimeOrUrl) {
  if (!can().appointments) GTEST_SKIP() << "no appointments";
  EXPECT_THAT(ask(crm::AppointmentAt{world().join_url, start + std::chrono::hours(2)}).appointments,
              IsEmpty());
  EXPECT_THAT(ask(crm::AppointmentAt{world().join_url + "x", start}).appointments, IsEmpty());
  EXPECT_THAT(ask(crm::AppointmentAt{"", start}).appointments, IsEmpty());
}

TEST_P(Contract, OffersEveryAppointmentThatCouldBeMeantButNoCancelledOne) {
  if (!can().appointments) GTEST_SKIP() << "no appointments";
  for (const bool cancelled : {true, false})
    stand().control("PUT", "rows/" + world().org + "/" + world().appointments,
                    world().appointment_row("2026-02-03T09:20:00Z", cancelled));
  EXPECT_THAT(ask(crm::AppointmentAt{world().join_url, start}).appointments, SizeIs(2));
}

TEST_P(Contract, AsksEverythingOfASessionInOneRequest) {
  if (!world().batches) GTEST_SKIP() << "one request a question";
  std::vector<std::string> many{"anna.obrien@contoso.example"};
  for (int i = 0; i < 60; ++i) many.push_back("guest" + std::to_string(i) + "@fabrikam.example");
  const auto answers = stand().look({crm::ContactsByEmail{many}, crm::ContactsByPhone{"+46855501020", "SE"},
                                     crm::AppointmentAt{world().join_url, start}});
  ASSERT_TRUE(answers);
  ASSERT_THAT(answers->each, SizeIs(3));
  EXPECT_THAT(answers->each[0]->contacts, SizeIs(1));
  EXPECT_THAT(answers->each[1]->contacts, SizeIs(1));
  EXPECT_THAT(answers->each[2]->appointments, SizeIs(1));
  EXPECT_EQ(answers->spent.requests, 1);
  EXPECT_THAT(stand().requests(), SizeIs(1));
}

TEST_P(Contract, AsksNothingWithoutAQuestion) {
  EXPECT_THAT(stand().look({})->each, IsEmpty());
  EXPECT_THAT(stand().look({crm::ContactsByEmail{}})->each, SizeIs(1));
  EXPECT_THAT(stand().requests(), IsEmpty());
}

TEST_P(Contract, PuttingANoteLeavesIt) {
  const auto written = stand().put_one(note_on(world().anna, key_1));
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_EQ(written->how, Written::How::Created);
  EXPECT_NE(written->link, "");
  EXPECT_TRUE(written->at);
  EXPECT_THAT(stand().notes(),
              ElementsAre(SeenNote{written->id, world().anna.id, title("Q1 review"), "<p>Hello</p>"}));
}

TEST_P(Contract, PuttingTheSameNoteTwiceLeavesOneRecord) {
  if (!can().keyed_writes) GTEST_SKIP() << "no keyed writes";
  ASSERT_TRUE(stand().put_one(note_on(world().anna, key_1)));
  const auto again = stand().put_one(note_on(world().anna, key_1, "<p>Other</p>"));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->how, Written::How::Existed);
  ASSERT_THAT(stand().notes(), SizeIs(1));
  EXPECT_EQ(stand().notes()[0].html, "<p>Hello</p>");  // never overwritten by a create
}

TEST_P(Contract, PutsOnThreeTargetsInOneRequest) {
  if (!world().batches) GTEST_SKIP() << "one request a put";
  const auto writes = stand().put(
      {note_on(world().anna, key_1), note_on(world().contoso, key_2), note_on(world().appointment, key_3)});
  ASSERT_THAT(writes.each, SizeIs(3));
  for (const auto& each : writes.each) EXPECT_TRUE(each) << each.error().detail;
  EXPECT_EQ(writes.spent.requests, 1);
  EXPECT_THAT(stand().requests(), SizeIs(1));
  EXPECT_THAT(stand().notes(), ElementsAre(Field(&SeenNote::target, world().anna.id),
                                           Field(&SeenNote::target, world().contoso.id),
                                           Field(&SeenNote::target, world().appointment.id)));
}

TEST_P(Contract, APutThatFailsLeavesTheOthersAlone) {
  auto nowhere = world().anna;
  nowhere.id = world().nowhere;
  const auto writes =
      stand().put({note_on(world().anna, key_1), note_on(nowhere, key_2), note_on(world().per, key_3)});
  ASSERT_THAT(writes.each, SizeIs(3));
  EXPECT_TRUE(writes.each[0]);
  ASSERT_FALSE(writes.each[1]);
  EXPECT_EQ(writes.each[1].error().cause, Cause::NotFound);
  EXPECT_TRUE(writes.each[2]);
  EXPECT_THAT(stand().notes(), SizeIs(2));
}

TEST_P(Contract, UpdatesInPlace) {
  const auto first = stand().put_one(note_on(world().anna, key_1));
  ASSERT_TRUE(first);
  const auto second = stand().put_one(update_of(first->id, "<p>Edited</p>"));
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(second->how, Written::How::Updated);
  EXPECT_EQ(second->id, first->id);
  EXPECT_THAT(stand().notes(),
              ElementsAre(SeenNote{first->id, world().anna.id, title("Q1 review, edited"), "<p>Edited</p>"}));
}

TEST_P(Contract, WhatAPersonDeletedIsNotFoundByAnUpdateAndStaysDeleted) {
  const auto first = stand().put_one(note_on(world().anna, key_1));
  ASSERT_TRUE(first);
  stand().control("DELETE", "rows/" + world().org + "/" + world().notes + "/" + first->id);
  const auto second = stand().put_one(update_of(first->id, "<p>Edited</p>"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().cause, Cause::NotFound);
  EXPECT_THAT(stand().notes(), IsEmpty());
}

TEST_P(Contract, HostileTextArrivesAsItIs) {
  const std::string text =
      "<p>it's \"100%\" _a_ [b] \\ & + # ; , \r\n--batch_aftercall--\r\n\t\xF0\x9F\x98\x80 "
      "\xE6\x97\xA5\xE6\x9C\xAC "
      "\xC3\xA5\xC3\xA4\xC3\xB6 {\"a\":1}</p>";
  const auto writes = stand().put({note_on(world().anna, key_1, text), note_on(world().per, key_2, text)});
  for (const auto& each : writes.each) ASSERT_TRUE(each) << each.error().detail;
  ASSERT_THAT(stand().notes(), SizeIs(2));
  for (const auto& note : stand().notes()) EXPECT_EQ(note.html, text);
}

TEST_P(Contract, CreatesAContactOnceAndHangsANoteOnIt) {
  if (!can().keyed_writes) GTEST_SKIP() << "no keyed writes";
  auto person = eva();
  person.person.name = "Eva Maria Lind";
  const auto note = note_on({"contact", key_1, "Eva Maria Lind", ""}, key_2);
  for (const auto how : {Written::How::Created, Written::How::Existed}) {
    const auto writes = stand().put({person, note});
    EXPECT_EQ(writes.spent.requests == 1, how == Written::How::Created);
    ASSERT_THAT(writes.each, SizeIs(2));
    for (const auto& each : writes.each) {
      ASSERT_TRUE(each) << each.error().detail;
      EXPECT_EQ(each->how, how);
    }
    const auto found = by_email("eva.lind@fabrikam.example");
    ASSERT_THAT(found.contacts, SizeIs(1));
    EXPECT_EQ(found.contacts[0].record.name, "Eva Maria Lind");
    EXPECT_THAT(found.contacts[0].phones, ElementsAre("+46701112233"));
    ASSERT_THAT(stand().notes(), SizeIs(1));
    EXPECT_EQ(stand().notes()[0].target, found.contacts[0].record.id);
  }
}

TEST_P(Contract, ANoteThatFailsLeavesANewContactAndTheOtherNotesAlone) {
  if (!can().keyed_writes) GTEST_SKIP() << "no keyed writes";
  stand().control("POST", "limits", world().shorter_notes);
  const auto person = eva();
  const auto writes = stand().put({person, note_on({"contact", key_1, "", ""}, key_2, std::string(51, 'x')),
                                   note_on(world().anna, key_3)});
  ASSERT_THAT(writes.each, SizeIs(3));
  EXPECT_TRUE(writes.each[0]);
  ASSERT_FALSE(writes.each[1]);
  EXPECT_EQ(writes.each[1].error().cause, Cause::TooLong);
  EXPECT_TRUE(writes.each[2]);
  EXPECT_THAT(by_email("eva.lind@fabrikam.example").contacts, SizeIs(1));
  EXPECT_THAT(stand().notes(), SizeIs(1));
}

TEST_P(Contract, DoesNotAdoptAContactThatIsSomebodyElseByNow) {
  if (!can().keyed_writes) GTEST_SKIP() << "no keyed writes";
  const auto person = eva();
  ASSERT_TRUE(stand().put_one(person));
  const auto row = "rows/" + world().org + "/" + world().contacts + "/" + key_1;
  const auto note = note_on({"contact", key_1, "Eva Lind", ""}, key_2);
  for (const auto& changed :
       {nlohmann::json{{"emailaddress1", "other@fabrikam.example"}},
        nlohmann::json{{"emailaddress1", "eva.lind@fabrikam.example"}, {"statecode", 1}}}) {
    stand().control("PATCH", row, changed);
    const auto writes = stand().put({person, note});
    for (const auto& each : writes.each) {
      ASSERT_FALSE(each);
      EXPECT_EQ(each.error().cause, Cause::NotFound);
    }
  }
  EXPECT_THAT(stand().notes(), IsEmpty());
}

TEST_P(Contract, RecallsWhatWasWritten) {
  const auto put = note_on(world().anna, key_1);
  EXPECT_THAT(stand().recall(put).value().found, IsEmpty());
  const auto written = stand().put_one(put);
  ASSERT_TRUE(written);
  const auto recalled = stand().recall(put);
  ASSERT_TRUE(recalled);
  ASSERT_THAT(recalled->found, SizeIs(1));
  EXPECT_EQ(recalled->found.front().id, written->id);
}

TEST_P(Contract, SplitsWhatIsTooMuchForOneRequest) {
  if (!world().batches) GTEST_SKIP() << "one request a put";
  std::vector<crm::Put> puts;
  puts.reserve(120);
  for (int i = 0; i < 120; ++i)
    puts.push_back(note_on(world().anna, "55555555-0000-5000-8000-000000001" + std::to_string(100 + i)));
  const auto writes = stand().put(puts);
  for (const auto& each : writes.each) ASSERT_TRUE(each) << each.error().detail;
  EXPECT_EQ(writes.spent.requests, 3);
  EXPECT_THAT(stand().notes(), SizeIs(120));
}

TEST_P(Contract, SaysWhoAsksInEveryRequest) {
  ASSERT_TRUE(stand().look({crm::ContactsByEmail{{"anna.obrien@contoso.example"}}}));
  ASSERT_TRUE(stand().put_one(note_on(world().anna, key_1)));
  stand().put({note_on(world().anna, key_2), note_on(world().per, key_3)});
  const auto requests = stand().requests();
  ASSERT_THAT(requests, SizeIs(world().batches ? 3 : 4));
  for (const auto& request : requests) {
    EXPECT_EQ(request.at("headers").at("traceparent"), Stand::traceparent);
    EXPECT_NE(request.at("headers").dump().find(Stand::request_id), std::string::npos);
  }
}

}  // namespace
}  // namespace aftercall::test
