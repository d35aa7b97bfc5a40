#include "answer.hpp"

#include <gmock/gmock.h>

#include "crm/json.hpp"
#include "rights.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string base = "https://contoso.crm4.dynamics.com";
const std::string key = "55555555-0000-5000-8000-000000000001";

std::string id(int number) { return "22222222-0000-0000-0000-00000000000" + std::to_string(number); }
Json row(int number, const std::string& email, const std::string& created = "2025-02-01T08:00:00Z") {
  return {{"contactid", id(number)}, {"fullname", "P"},
          {"emailaddress1", email},  {"mobilephone", nullptr},
          {"telephone1", nullptr},   {"statecode", 0},
          {"createdon", created},    {"parentcustomerid_account", nullptr}};
}
http::Response rows(const std::vector<Json>& all) { return {200, {}, dump({{"value", all}})}; }
Result<Answer> answer(const Question& question, const http::Response& response) {
  return read_page(question, response, base).map([&](const Page& page) {
    return judge(question, page, base);
  });
}
const Question emails = ContactsByEmail{{"anna@contoso.example", "per@contoso.example"}};

TEST(Contacts, AnswerToTheEmailThatWasAskedFor) {
  const auto found = answer(
      emails, rows({row(1, "Anna@Contoso.example "), row(2, "ann\xC3\xA1@contoso.example"), row(3, "")}));
  ASSERT_TRUE(found);
  ASSERT_THAT(found->contacts, SizeIs(1));  // the CRM compares more loosely than we do
  EXPECT_EQ(found->contacts[0].email, "anna@contoso.example");
  EXPECT_EQ(found->contacts[0].record.link,
            base + "/main.aspx?pagetype=entityrecord&etn=contact&id=" + id(1));
}

TEST(Contacts, StandOldestFirstThenByIdAndOnce) {
  const auto found = answer(
      emails, rows({row(3, "per@contoso.example", "2025-03-01T00:00:00Z"), row(2, "per@contoso.example"),
                    row(1, "anna@contoso.example"), row(2, "per@contoso.example")}));
  ASSERT_THAT(found->contacts, SizeIs(3));
  EXPECT_EQ(found->contacts[0].record.id, id(1));
  EXPECT_EQ(found->contacts[1].record.id, id(2));
  EXPECT_EQ(found->contacts[2].record.id, id(3));
}

TEST(Contacts, InactiveOnesAreCountedOnly) {
  auto gone = row(1, "anna@contoso.example");
  gone["statecode"] = 1;
  const auto found = answer(emails, rows({gone, row(2, "per@contoso.example")}));
  EXPECT_THAT(found->contacts, SizeIs(1));
  EXPECT_EQ(found->inactive, 1U);
  EXPECT_THAT(found->inactive_by_email, ElementsAre(testing::Pair("anna@contoso.example", 1U)));
}

TEST(Contacts, BringTheirCompanyAndTheirPhones) {
  auto anna = row(1, "anna@contoso.example");
  anna["parentcustomerid_account"] = {{"accountid", id(9)}, {"name", "Contoso AB"}};
  anna["mobilephone"] = "+46 70-123 45 67";
  anna["telephone1"] = "ask Per";
  const auto found = answer(emails, rows({anna}));
  EXPECT_EQ(found->contacts[0].account->name, "Contoso AB");
  EXPECT_EQ(found->contacts[0].account->type, "account");
  EXPECT_THAT(found->contacts[0].phones, ElementsAre("+46701234567"));
}

TEST(Contacts, ByPhoneAreComparedByE164) {
  const Question phone = ContactsByPhone{"+46701234567", "SE"};
  std::vector<Json> all;
  const std::vector<std::string> texts{"070-123 45 67", "0046701234567", "+46 (0)70 123 45 67",
                                       "70-1234 5 67 0", "+4970123 4567"};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    all.push_back(row(static_cast<int>(i), ""));
    all.back()["telephone1"] = texts[i];
  }
  const auto found = answer(phone, rows(all));
  EXPECT_THAT(found->contacts, SizeIs(3));
}

TEST(Contacts, AnAnswerWithoutSenseIsTransient) {
  auto without_state = row(1, "anna@contoso.example");
  without_state.erase("statecode");
  auto bad_id = row(1, "anna@contoso.example");
  bad_id["contactid"] = "1) or (1";
  for (const auto& body : {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"),
                           std::string(R"({"value":{}})"), std::string(R"({"value":[1]})"),
                           std::string(R"({"value":[null]})"), rows({without_state}).body,
                           rows({bad_id}).body, std::string(R"({"value":[)"), std::string(100'000, '[')}) {
    const auto found = answer(emails, {200, {}, body});
    ASSERT_FALSE(found) << body.substr(0, 80);
    EXPECT_EQ(found.error().cause, Cause::ServerError);
  }
  EXPECT_FALSE(answer(emails, {204, {}, ""}));
}

TEST(Appointments, ArePlainRecords) {
  const Question asked = AppointmentAt{"https://x", Instant{}};
  const auto found =
      answer(asked, {200, {}, dump({{"value", {{{"activityid", id(1)}, {"subject", "Q1 review"}}}}})});
  ASSERT_THAT(found->appointments, SizeIs(1));
  EXPECT_EQ(found->appointments[0].type, "appointment");
  EXPECT_EQ(found->appointments[0].name, "Q1 review");
}

Put note(Mode mode = Mode::Create) {
  Put put;
  put.mode = mode;
  put.key = key;
  put.id = key;
  put.target = {"contact", id(1), "", ""};
  return put;
}
Put person(std::string email, std::string phone = "") {
  Put put;
  put.kind = ArtifactKind::Contact;
  put.key = key;
  put.person = {"Eva Lind", std::move(email), std::move(phone)};
  return put;
}
http::Response error(int status, const std::string& code) {
  return {status, {}, R"({"error":{"code":")" + code + R"(","message":"m"}})"};
}

TEST(WrittenNote, LeadsToItsRecordAndKnowsTheCrmsTime) {
  const auto written = read_written(note(), {204, {{"Date", "Tue, 03 Feb 2026 09:00:00 GMT"}}, ""}, base);
  ASSERT_TRUE(written && *written);
  EXPECT_EQ((*written)->how, Written::How::Created);
  EXPECT_EQ((*written)->id, key);
  EXPECT_THAT((*written)->link, HasSubstr("etn=contact&id=" + id(1)));
  EXPECT_EQ((*written)->at, parse_rfc3339("2026-02-03T09:00:00Z"));
}

TEST(WrittenNote, WithoutATimeThatCanBeReadHasNone) {
  for (const auto* date : {"", "yesterday", "Tue, 03 Xxx 2026 09:00:00 GMT", "Tue, 99 Feb 2026 09:00:00 GMT",
                           "Tue, 03 anF 2026 09:00:00 GMT"})
    EXPECT_FALSE((*read_written(note(), {204, {{"Date", date}}, ""}, base))->at) << date;
}

TEST(WrittenNote, ThatWasThereExisted) {
  EXPECT_EQ((*read_written(note(), error(412, "0x80040237"), base))->how, Written::How::Existed);
  EXPECT_EQ((*read_written(note(), error(412, ""), base))->how, Written::How::Existed);
  EXPECT_EQ(read_written(note(), error(412, "0x80040333"), base).error().cause, Cause::Rejected);
  EXPECT_EQ(read_written(note(Mode::Update), error(412, ""), base).error().cause, Cause::Rejected);
}

TEST(WrittenNote, ThatIsGoneIsNotFound) {
  EXPECT_EQ(read_written(note(Mode::Update), error(404, "0x80040217"), base).error().cause, Cause::NotFound);
  EXPECT_EQ(read_written(note(Mode::Update), error(404, ""), base).error().cause, Cause::NotFound);
}

http::Response contact(int state, const std::string& email, const std::string& phone = "") {
  return {200,
          {},
          dump({{"contactid", key}, {"statecode", state}, {"emailaddress1", email}, {"mobilephone", phone}})};
}

TEST(WrittenContact, ThatWasThereMustBeReadFirst) {
  const auto written = read_written(person("eva@contoso.example"), error(412, "0x80040237"), base);
  ASSERT_TRUE(written);
  EXPECT_FALSE(*written);
}

TEST(WrittenContact, IsAdoptedWhileItIsTheSamePersons) {
  EXPECT_TRUE(adopt(person("eva@contoso.example"), contact(0, "Eva@Contoso.example"), base));
  EXPECT_TRUE(adopt(person("", "+46701112233"), contact(0, "", "+46 70 111 22 33"), base));
  EXPECT_EQ(adopt(person("eva@contoso.example"), contact(1, "eva@contoso.example"), base).error().cause,
            Cause::NotFound);
  EXPECT_EQ(adopt(person("eva@contoso.example"), contact(0, "per@contoso.example"), base).error().cause,
            Cause::NotFound);
  EXPECT_EQ(adopt(person("", "+46701112233"), contact(0, "", "+46 70 111 22 34"), base).error().cause,
            Cause::NotFound);
  EXPECT_EQ(adopt(person("eva@contoso.example"), {200, {}, "{}"}, base).error().cause, Cause::ServerError);
  EXPECT_EQ(adopt(person("eva@contoso.example"), error(404, "0x80040217"), base).error().cause,
            Cause::NotFound);
}

TEST(Recalled, IsThereOrNotOrNotKnown) {
  EXPECT_EQ(read_recalled(note(), error(404, "0x80040217"), base).value(), std::nullopt);
  EXPECT_TRUE(read_recalled(note(), {200, {}, "{}"}, base).value());
  EXPECT_FALSE(read_recalled(note(), error(500, ""), base));
  EXPECT_FALSE(read_recalled(note(), error(404, "0x8006088a"), base));
  EXPECT_FALSE(read_recalled(note(), {200, {}, "<html>"}, base));
}

TEST(WhoAmI, NamesTheUserAndTheOrganisation) {
  const auto identity = read_identity({200, {}, dump({{"UserId", id(1)}, {"OrganizationId", id(2)}})});
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->organisation, id(2));
  EXPECT_FALSE(read_identity({200, {}, "{}"}));
  EXPECT_EQ(read_identity(error(403, "0x80072560")).error().cause, Cause::SetupIncomplete);
}

std::vector<Result<http::Response>> probes(const std::vector<std::string>& privileges) {
  auto list = Json::array();
  for (const auto& name : privileges) list.push_back({{"PrivilegeName", name}});
  const http::Response ok{200, {}, "{}"};
  return {http::Response{200, {}, dump({{"RolePrivileges", list}})},
          http::Response{200, {}, R"({"MaxLength":300})"},
          http::Response{200, {}, R"({"MaxLength":5000})"},
          ok,
          ok,
          ok,
          http::Response{200, {}, R"({"MaxLength":150})"}};
}
const std::vector<std::string> all_rights{"prvReadContact",     "prvCreateNote",      "prvWriteNote",
                                          "prvAppendNote",      "prvAppendToContact", "prvReadAccount",
                                          "prvAppendToAccount", "prvReadActivity",    "prvAppendToActivity"};

TEST(Rights, WholeOnesLeaveNothingOut) {
  const auto rights = read_rights(probes(all_rights), Instant{});
  ASSERT_TRUE(rights);
  EXPECT_THAT(rights->missing, IsEmpty());
  EXPECT_TRUE(rights->capabilities.keyed_writes && rights->capabilities.accounts &&
              rights->capabilities.appointments);
  EXPECT_EQ(rights->capabilities.note_title_length, 300U);
  EXPECT_EQ(rights->capabilities.contact_email_length, 150U);
  EXPECT_EQ(rights->capabilities.join_url_length, 600U);
  EXPECT_EQ(rights->capabilities.note_text_length, 5'000U);
}

TEST(Rights, OnlyWhatTheMainRecordNeedsIsMissing) {
  auto some = all_rights;
  some.erase(some.begin() + 6);  // notes on accounts
  some.erase(some.begin() + 1);  // notes at all
  const auto rights = read_rights(probes(some), Instant{});
  EXPECT_THAT(rights->missing, ElementsAre("prvCreateNote"));
  EXPECT_FALSE(rights->capabilities.accounts);
  EXPECT_TRUE(rights->capabilities.appointments);
}

TEST(Rights, AnOrganisationThatDoesNotTellIsTakenAsItIs) {
  auto replies = probes({});
  replies[0] = error(404, "0x8006088a");
  replies[1] = error(400, "0x80060888");
  replies[2] = http::Response{200, {}, R"({"MaxLength":-1})"};
  replies[3] = error(400, "0x80060888");  // no column for join URLs
  replies[6] = error(404, "0x80060888");
  const auto rights = read_rights(replies, Instant{});
  ASSERT_TRUE(rights);
  EXPECT_THAT(rights->missing, IsEmpty());
  EXPECT_FALSE(rights->capabilities.appointments);
  EXPECT_TRUE(rights->capabilities.accounts);
  EXPECT_EQ(rights->capabilities.note_title_length, 500U);
  EXPECT_EQ(rights->capabilities.contact_email_length, 100U);
  EXPECT_EQ(rights->capabilities.note_text_length, 100'000U);
}

TEST(Rights, AProbeThatIsRefusedNamesItsRight) {
  auto replies = probes({});
  replies[0] = error(404, "0x8006088a");
  replies[4] = error(403, "0x80040220");
  EXPECT_THAT(read_rights(replies, Instant{})->missing, ElementsAre("prvReadContact"));
}

TEST(Rights, AreNotGuessedFromSilence) {
  auto replies = probes(all_rights);
  replies[2] = fail(Cause::Timeout, "no answer");
  EXPECT_EQ(read_rights(replies, Instant{}).error().cause, Cause::Timeout);
  replies[2] = error(429, "0x80072322");
  EXPECT_EQ(read_rights(replies, Instant{}).error().cause, Cause::RateLimited);
}

}  // namespace
}  // namespace aftercall::crm::dynamics365
