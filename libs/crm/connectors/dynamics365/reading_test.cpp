#include "reading.hpp"

#include <gmock/gmock.h>

#include "crm/json.hpp"
#include "request.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const std::string base = "https://contoso.crm4.dynamics.com";
const std::string root = base + "/api/data/v9.2/";
const Question emails = ContactsByEmail{{"anna@contoso.example"}};
const Question meeting = AppointmentAt{"https://x", Instant{}};

std::string id(int number) { return "22222222-0000-0000-0000-00000000000" + std::to_string(number); }
http::Response page(std::vector<int> numbers, const std::string& next = "") {
  Json body = {{"value", Json::array()}};
  for (const int number : numbers)
    body["value"].push_back({{"contactid", id(number)},
                             {"emailaddress1", "anna@contoso.example"},
                             {"statecode", 0},
                             {"createdon", "2025-02-01T08:00:00Z"}});
  if (!next.empty()) body["@odata.nextLink"] = next;
  return {200, {}, dump(body)};
}

TEST(Reading, TurnsPagesUntilTheEnd) {
  Reading reading({emails, meeting}, true, base);
  ASSERT_THAT(reading.next(), SizeIs(2));
  reading.absorb({page({2}, root + "contacts?$skiptoken=2"), page({})});
  ASSERT_THAT(reading.next(), SizeIs(1));
  EXPECT_EQ(reading.next()[0].path, "contacts?$skiptoken=2");
  reading.absorb({page({1})});
  EXPECT_THAT(reading.next(), IsEmpty());
  const auto answers = reading.finish();
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_THAT(answers[0]->contacts, SizeIs(2));
  EXPECT_THAT(answers[1]->appointments, IsEmpty());
}

TEST(Reading, TurnsNoPageElsewhere) {
  Reading reading({emails}, true, base);
  reading.absorb({page({1}, "https://evil.example/api/data/v9.2/contacts")});
  EXPECT_THAT(reading.next(), IsEmpty());
  EXPECT_EQ(reading.finish().at(0).error().cause, Cause::Malformed);
}

TEST(Reading, TurnsNotForEver) {
  Reading reading({emails}, true, base);
  int rounds = 0;
  for (; !reading.next().empty() && rounds < 100; ++rounds)
    reading.absorb({page({1}, root + "contacts?$skiptoken=x")});
  EXPECT_EQ(rounds, 8);
  EXPECT_EQ(reading.finish().at(0).error().cause, Cause::Rejected);
}

TEST(Reading, AQuestionThatFailsLeavesTheOthersAlone) {
  Reading reading({emails, meeting}, true, base);
  reading.absorb({page({1}), http::Response{400, {}, R"({"error":{"code":"0x80060888"}})"}});
  const auto answers = reading.finish();
  EXPECT_TRUE(answers.at(0));
  EXPECT_EQ(answers.at(1).error().cause, Cause::Rejected);
}

http::Response not_permitted(const std::string& privilege) {
  return {
      403, {}, R"({"error":{"code":"0x80040220","message":"Principal user is missing )" + privilege + "\"}}"};
}

TEST(Reading, PeopleAreFoundWithoutTheirAccountsWhereThoseMayNotBeRead) {
  const Question phone = ContactsByPhone{"+46855501020", "SE"};
  Reading reading({emails, meeting, phone}, true, base);
  const auto first = reading.next();
  ASSERT_THAT(first, SizeIs(3));
  reading.absorb({not_permitted("prvReadAccount"), page({}), not_permitted("prvReadAccount")});
  const auto again = reading.next();
  ASSERT_THAT(again, SizeIs(2)) << "only what was refused";
  EXPECT_EQ(again[0].path, queries_for(emails, false).at(0).path);
  EXPECT_EQ(again[1].path, queries_for(phone, false).at(0).path);
  reading.absorb({page({1}, root + "contacts?$skiptoken=2"), page({})});
  ASSERT_THAT(reading.next(), SizeIs(1));
  reading.absorb({page({2})});
  EXPECT_THAT(reading.next(), IsEmpty());
  const auto answers = reading.finish();
  EXPECT_THAT(answers.at(0)->contacts, SizeIs(2));
  EXPECT_TRUE(answers.at(0)->accounts_refused);
  EXPECT_FALSE(answers.at(1)->accounts_refused);
  EXPECT_TRUE(answers.at(2)->accounts_refused);
}

TEST(Reading, WhatIsRefusedWithoutAccountsTooIsRefused) {
  Reading reading({emails}, true, base);
  reading.absorb({not_permitted("prvReadContact")});
  ASSERT_THAT(reading.next(), SizeIs(1));
  reading.absorb({not_permitted("prvReadContact")});
  EXPECT_THAT(reading.next(), IsEmpty());
  EXPECT_EQ(reading.finish().at(0).error().cause, Cause::NotPermitted);
}

TEST(Reading, OnlyALookThatAskedForAccountsIsRepeatedAndOnlyWhenItIsNotPermitted) {
  Reading without({emails}, false, base);
  without.absorb({not_permitted("prvReadContact")});
  EXPECT_THAT(without.next(), IsEmpty());
  Reading appointments({meeting}, true, base);
  appointments.absorb({not_permitted("prvReadActivity")});
  EXPECT_THAT(appointments.next(), IsEmpty());
  Reading broken({emails}, true, base);
  broken.absorb({http::Response{500, {}, ""}});
  EXPECT_THAT(broken.next(), IsEmpty());
}

TEST(Reading, EachGroupOfEmailsIsRepeatedForItself) {
  std::vector<std::string> many;
  many.reserve(30);
  for (int i = 0; i < 30; ++i) many.push_back("p" + std::to_string(i) + "@contoso.example");
  Reading reading({ContactsByEmail{many}}, true, base);
  reading.absorb({page({}), not_permitted("prvReadAccount")});
  ASSERT_THAT(reading.next(), SizeIs(1));
  EXPECT_EQ(reading.next()[0].path, queries_for(ContactsByEmail{many}, false).at(1).path);
}

TEST(Reading, OneGroupOfEmailsThatFailsFailsTheirQuestion) {
  std::vector<std::string> many;
  many.reserve(30);
  for (int i = 0; i < 30; ++i) many.push_back("p" + std::to_string(i) + "@contoso.example");
  Reading reading({ContactsByEmail{many}}, true, base);
  ASSERT_THAT(reading.next(), SizeIs(2));
  reading.absorb({page({}), fail(Cause::ServerError, "half an answer")});
  EXPECT_EQ(reading.finish().at(0).error().cause, Cause::ServerError);
}

}  // namespace
}  // namespace aftercall::crm::dynamics365
