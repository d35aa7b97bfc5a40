#include "matcher/match.hpp"

#include <gmock/gmock.h>

namespace aftercall::matcher {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

const std::string anna = "anna@contoso.example";
const std::string number = "+46701234567";

Tenant tenant() {
  Tenant out;
  out.id = TenantId("acme");
  out.region = "SE";
  out.appointment_notes = true;
  return out;
}

Connection connection() {
  Connection out;
  out.id = ConnectionId("main");
  out.account = CrmAccount("dynamics365:1");
  out.capabilities.appointments = true;
  return out;
}

Session meeting() {
  Session out;
  out.channel = Channel::Meeting;
  out.join_url = "https://teams.example/j/1";
  out.started_at = parse_rfc3339("2026-02-03T09:00:00Z");
  return out;
}

External external(std::string email, std::string phone, std::size_t index = 0) {
  return {index, std::move(email), std::move(phone), ""};
}

crm::FoundContact contact(const std::string& id, const std::string& email, int born = 0) {
  crm::FoundContact out;
  out.record = {"contact", id, "name of " + id, "https://crm.example/" + id};
  out.email = email;
  out.created_on = instant_of(born);
  out.account = CrmRecord{"account", "a1", "Contoso", ""};
  return out;
}

crm::Answer answer(std::vector<crm::FoundContact> contacts, std::size_t inactive = 0) {
  crm::Answer out;
  out.contacts = std::move(contacts);
  out.inactive = inactive;
  return out;
}

Matched judged(const std::vector<External>& externals, const Known& known, const Tenant& who = tenant()) {
  auto matched = judge(externals, meeting(), who, connection(), known);
  EXPECT_TRUE(matched);
  return matched ? *matched : Matched{};
}

TEST(Questions, AskForEveryEMailAtOnceAndForPhonesOnlyWhereThereIsNoEMail) {
  const std::vector<External> externals = {external(anna, number), external("bo@contoso.example", ""),
                                           external("", "+46855501020")};
  const auto questions = first_questions(externals, meeting(), tenant(), connection().capabilities, {});
  ASSERT_THAT(questions, SizeIs(3));
  EXPECT_THAT(std::get<crm::ContactsByEmail>(questions[0]).emails, SizeIs(2));
  EXPECT_EQ(std::get<crm::ContactsByPhone>(questions[1]).e164, "+46855501020");
  EXPECT_EQ(std::get<crm::AppointmentAt>(questions[2]).join_url, meeting().join_url);
}

TEST(Questions, AskForNoAppointmentWhoseJoinUrlTheCrmCannotHold) {
  auto can = connection().capabilities;
  auto session = meeting();
  can.join_url_length = session.join_url.size();
  EXPECT_THAT(first_questions({}, session, tenant(), can, {}), SizeIs(1));
  session.join_url += "x";
  EXPECT_THAT(first_questions({}, session, tenant(), can, {}), SizeIs(0));
  can.join_url_length = 0;
  EXPECT_THAT(first_questions({}, session, tenant(), can, {}), SizeIs(1)) << "nobody knows of a limit";
}

TEST(Questions, AskForEverybodyWithAPhoneWhereTheTenantsRuleIsAboutAll) {
  const std::vector<External> by_phone = {external("", number)};
  auto who = tenant();
  for (const auto policy : {Ambiguity::Oldest, Ambiguity::None, Ambiguity::All}) {
    who.ambiguity = policy;
    const auto questions = first_questions(by_phone, meeting(), who, connection().capabilities, {});
    EXPECT_EQ(std::get<crm::ContactsByPhone>(questions.at(0)).everybody, policy != Ambiguity::Oldest);
    const auto later = second_questions({external(anna, number)}, who, {});
    EXPECT_EQ(std::get<crm::ContactsByPhone>(later.at(0)).everybody, policy != Ambiguity::Oldest);
  }
}

TEST(Judge, TellsThatOtherNotationsOfAPhoneWereNotSearchedFor) {
  Known known;
  auto found = answer({contact("c1", "")});
  found.unasked = 2;
  known.contacts.emplace(number, found);
  const auto matched = judged({external("", number)}, known);
  EXPECT_EQ(matched.participants.at(0).lookups.at(0).answer,
            "1 active; 2 other notations of it were not searched for");
}

TEST(Questions, DoNotRepeatWhatIsKnown) {
  Known known;
  known.contacts.emplace(anna, answer({contact("c1", anna)}));
  auto who = tenant();
  who.appointment_notes = false;
  EXPECT_THAT(first_questions({external(anna, "")}, meeting(), who, connection().capabilities, known),
              SizeIs(0));
}

TEST(Questions, AskForThePhoneOfWhomTheEMailDidNotFind) {
  Known known;
  known.contacts.emplace(anna, answer({}));
  EXPECT_THAT(second_questions({external(anna, number)}, tenant(), known), SizeIs(1));
  known.contacts.insert_or_assign(anna, Result<crm::Answer>(answer({contact("c1", anna)})));
  EXPECT_THAT(second_questions({external(anna, number)}, tenant(), known), SizeIs(0));
}

TEST(Absorb, GivesEachAddressItsOwnContacts) {
  crm::Answer both = answer({contact("c1", anna), contact("c2", "bo@contoso.example")});
  both.inactive_by_email["gone@contoso.example"] = 2;
  Known known;
  crm::Answers answers;
  answers.each = {both};
  answers.spent.requests = 1;
  absorb(known, {crm::ContactsByEmail{{anna, "bo@contoso.example", "gone@contoso.example"}}}, answers);
  EXPECT_EQ(known.contacts.at(anna)->contacts.at(0).record.id, "c1");
  EXPECT_THAT(known.contacts.at("bo@contoso.example")->contacts, SizeIs(1));
  EXPECT_EQ(known.contacts.at("gone@contoso.example")->inactive, 2U);
  EXPECT_EQ(known.spent.requests, 1);
}

TEST(Absorb, WhoWasNotReadAnyMoreIsNotNobodyAndTheOthersAreKnown) {
  crm::Answer half = answer({contact("c1", anna)});
  half.unread.emplace("bo@contoso.example", Failure{Cause::RateLimited, "later", std::nullopt});
  Known known;
  crm::Answers answers;
  answers.each = {half};
  absorb(known, {crm::ContactsByEmail{{anna, "bo@contoso.example", "gone@contoso.example"}}}, answers);
  EXPECT_THAT(known.contacts.at(anna)->contacts, SizeIs(1));
  EXPECT_TRUE(known.contacts.at("gone@contoso.example"));
  ASSERT_FALSE(known.contacts.at("bo@contoso.example"));
  EXPECT_EQ(known.contacts.at("bo@contoso.example").error().cause, Cause::RateLimited);
}

TEST(Judge, SeveralCandidatesFallToTheOldestAndTheRivalsAreKept) {
  Known known;
  known.contacts.emplace(anna,
                         answer({contact("young", anna, 9), contact("b", anna, 1), contact("a", anna, 1)}));
  const auto match = judged({external(anna, "")}, known).participants.at(0);
  EXPECT_EQ(match.contact->id, "a");
  EXPECT_TRUE(match.ambiguous);
  EXPECT_THAT(match.candidates, SizeIs(3));
  EXPECT_EQ(match.rule, "the oldest of 3 active contacts by e-mail");
}

TEST(Judge, WhereNoBirthIsToldTheLowestIdIsTheOldest) {
  Known known;
  known.contacts.emplace(anna, answer({contact("1000", anna), contact("19", anna), contact("7", anna)}));
  const auto match = judged({external(anna, "")}, known).participants.at(0);
  EXPECT_EQ(match.contact->id, "7");
  EXPECT_EQ(match.candidates.at(1).id, "19");
  EXPECT_EQ(match.rule, "the lowest id of 3 active contacts by e-mail");
}

TEST(Judge, OneNoteNeedsOnePersonSoNoMoreAreCreated) {
  Known known;
  const std::string bo = "bo@contoso.example";
  known.contacts.emplace(anna, answer({}));
  known.contacts.emplace(bo, answer({}));
  known.contacts.emplace(number, answer({}));
  auto who = tenant();
  who.create_contacts = CreateContacts::WhenEmailKnown;
  auto there = connection();
  there.capabilities.one_note = true;
  const std::vector<External> people{external("", number, 1), external(anna, "", 2), external(bo, "", 3)};
  const auto nobody = judge(people, meeting(), who, there, known);
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(nobody->participants[0].create);
  EXPECT_TRUE(nobody->participants[1].create) << "the first that may be";
  EXPECT_FALSE(nobody->participants[2].create);
  EXPECT_THAT(nobody->participants[2].reason, HasSubstr("hangs on participant 2"));

  known.contacts.insert_or_assign(bo, answer({contact("c1", bo)}));
  const auto somebody_there = judge(people, meeting(), who, there, known);
  ASSERT_TRUE(somebody_there);
  EXPECT_FALSE(somebody_there->participants[1].create);
  EXPECT_THAT(somebody_there->participants[1].reason, HasSubstr("hangs on participant 3"));
}

TEST(Judge, TheTenantMayWantNoneOrAllOfSeveral) {
  Known known;
  known.contacts.emplace(anna, answer({contact("a", anna), contact("b", anna)}));
  auto who = tenant();
  who.ambiguity = Ambiguity::None;
  const auto none = judged({external(anna, "")}, known, who);
  EXPECT_FALSE(somebody(none));
  EXPECT_THAT(none.participants.at(0).reason, HasSubstr("2 contacts"));
  who.ambiguity = Ambiguity::All;
  const auto all = judged({external(anna, "")}, known, who).participants.at(0);
  EXPECT_EQ(all.contact->id, "a");
  EXPECT_THAT(all.also, SizeIs(1));
}

TEST(Judge, NobodyIsCreatedOnlyAsTheTenantSays) {
  Known known;
  known.contacts.emplace(anna, answer({}, 1));
  known.contacts.emplace(number, answer({}));
  auto who = tenant();
  const auto never = judged({external(anna, "")}, known, who);
  EXPECT_FALSE(somebody(never));
  EXPECT_THAT(nobody_reason(never), HasSubstr("inactive"));
  EXPECT_EQ(nobody_reason(never).find(anna), std::string::npos);
  who.create_contacts = CreateContacts::WhenEmailKnown;
  EXPECT_TRUE(judged({external(anna, "")}, known, who).participants.at(0).create);
  EXPECT_FALSE(judged({external("", number)}, known, who).participants.at(0).create);
  who.create_contacts = CreateContacts::Always;
  EXPECT_TRUE(judged({external("", number)}, known, who).participants.at(0).create);
}

TEST(Judge, WhoseEmailNoContactCanHoldIsNotCreatedAndTheOthersAre) {
  const auto endless = std::string(101 - anna.size(), 'x') + anna;
  const auto fitting = endless.substr(1);
  Known known;
  known.contacts.emplace(endless, answer({}));
  known.contacts.emplace(fitting, answer({}));
  auto who = tenant();
  who.create_contacts = CreateContacts::Always;
  auto where = connection();
  const std::vector<External> both{external(endless, number), external(fitting, "", 1)};
  EXPECT_TRUE(judge(both, meeting(), who, where, known)->participants.at(0).create) << "no limit is known";
  where.capabilities.contact_email_length = 100;
  const auto matched = judge(both, meeting(), who, where, known);
  EXPECT_FALSE(matched->participants.at(0).create);
  EXPECT_THAT(matched->participants.at(0).reason, HasSubstr("longer than the 100 characters"));
  EXPECT_TRUE(matched->participants.at(1).create);
}

TEST(Judge, AccountsThatMayNotBeReadAreNoneForTheStagesThatFollow) {
  auto where = connection();
  where.capabilities.accounts = true;
  auto without = answer({contact("c1", anna)});
  without.contacts.front().account.reset();
  crm::Answers answers;
  answers.each.emplace_back(without);
  Known known;
  absorb(known, {crm::ContactsByEmail{{anna}}}, answers);
  EXPECT_TRUE(judge({external(anna, "")}, meeting(), tenant(), where, known)->capabilities.accounts);
  without.accounts_refused = true;
  answers.each.front() = without;
  absorb(known, {crm::ContactsByEmail{{anna}}}, answers);
  const auto matched = judge({external(anna, "")}, meeting(), tenant(), where, known);
  EXPECT_FALSE(matched->capabilities.accounts);
  EXPECT_TRUE(matched->participants.at(0).contact);
}

TEST(Judge, ALookThatFailedIsNotNobody) {
  Known known;
  known.contacts.emplace(anna, fail(Cause::ServerError, "503"));
  const auto matched = judge({external(anna, "")}, meeting(), tenant(), connection(), known);
  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().cause, Cause::ServerError);
}

TEST(Judge, AMissingAppointmentIsLeftOutAndNeverStopsTheContact) {
  Known known;
  known.contacts.emplace(anna, answer({contact("c1", anna)}));
  crm::Answer two;
  two.appointments = {{"appointment", "p1", "", ""}, {"appointment", "p2", "", ""}};
  for (const auto& found :
       std::vector<Result<crm::Answer>>{answer({}), two, fail(Cause::ServerError, "no such column")}) {
    known.appointment = found;
    const auto matched = judged({external(anna, "")}, known);
    EXPECT_TRUE(matched.participants.at(0).contact);
    EXPECT_FALSE(matched.appointment);
    EXPECT_THAT(matched.left_out, SizeIs(1));
  }
  crm::Answer one;
  one.appointments = {{"appointment", "p1", "", ""}};
  known.appointment = one;
  EXPECT_EQ(judged({external(anna, "")}, known).appointment->id, "p1");
}

TEST(Judge, AnAppointmentThatCouldNotBeReadIsWaitedForAndOneThatIsNotThereIsNot) {
  Known known;
  EXPECT_FALSE(unread_appointment(known, false)) << "it was not asked for";
  known.appointment = answer({});
  EXPECT_FALSE(unread_appointment(known, false));
  for (const auto cause : {Cause::Rejected, Cause::NotPermitted}) {
    known.appointment = fail(cause, "no such column");
    EXPECT_FALSE(unread_appointment(known, false));
  }
  for (const auto cause : {Cause::ServerError, Cause::Timeout, Cause::NotAuthorized}) {
    known.appointment = fail(cause, "not now");
    ASSERT_TRUE(unread_appointment(known, false));
    EXPECT_EQ(unread_appointment(known, false)->cause, cause);
  }
}

TEST(Judge, AnAppointmentIsWaitedForOnceAndAsLongAsTheAccountRests) {
  Known known;
  known.appointment = fail(Cause::Timeout, "no answer");
  EXPECT_FALSE(unread_appointment(known, true));
  known.appointment = fail(Cause::RateLimited, "later");
  EXPECT_TRUE(unread_appointment(known, true));
}

TEST(Judge, WhoHasNoIdentityIsUnmatchedWithTheReason) {
  External unreadable;
  unreadable.unreadable = "not an e-mail address";
  const auto match = judged({unreadable}, {}).participants.at(0);
  EXPECT_FALSE(match.contact);
  EXPECT_EQ(match.reason, "not an e-mail address");
}

}  // namespace
}  // namespace aftercall::matcher
