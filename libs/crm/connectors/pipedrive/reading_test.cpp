#include "reading.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::pipedrive {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string base = "https://acme.pipedrive.com";

std::string item(int id, const std::string& emails, const std::string& phones = "") {
  return R"({"result_score":0.5,"item":{"id":)" + std::to_string(id) + R"(,"type":"person","name":"P)" +
         std::to_string(id) + R"(","emails":[)" + emails + R"(],"phones":[)" + phones + "]}}";
}
http::Response hits(const std::string& items, const std::string& cursor = "null") {
  return {200,
          {},
          R"({"success":true,"data":{"items":[)" + items + R"(]},"additional_data":{"next_cursor":)" +
              cursor + "}}"};
}
std::string deal(int id, int person, const std::string& added, const std::string& more = "") {
  return R"({"id":)" + std::to_string(id) + R"(,"title":"D)" + std::to_string(id) + R"(","person_id":)" +
         std::to_string(person) + R"(,"add_time":")" + added + R"(")" + more + "}";
}
http::Response data(const std::string& json) {
  return {200, {}, R"({"success":true,"data":)" + json + R"(,"additional_data":null})"};
}
const http::Response nobody = hits("");
const Failure limited{Cause::RateLimited, "wait", std::chrono::seconds(2)};

// Answers in the order of asking, until the reading is done.
Reading read(std::vector<Question> questions, const std::vector<Result<http::Response>>& replies) {
  Reading reading(std::move(questions), base);
  std::size_t i = 0;
  while (reading.next()) reading.absorb(i < replies.size() ? replies[i++] : nobody);
  EXPECT_EQ(i, replies.size()) << "not everything was asked for";
  return reading;
}
std::vector<std::string> ids(const Answer& answer) {
  std::vector<std::string> found;
  for (const auto& contact : answer.contacts) found.push_back(contact.record.id);
  return found;
}

TEST(Reading, TakesWhoHasTheEmailLowestIdFirst) {
  const auto answers =
      read({ContactsByEmail{{"jane@client.example"}}},
           {hits(item(19, R"("JANE@client.example")") + "," + item(100, R"("jane@client.example.org")") +
                 "," + item(7, R"("x@y.example"," Jane@client.example ")", R"("+46 70-123 45 67")"))})
          .finish();
  ASSERT_TRUE(answers.at(0));
  EXPECT_THAT(ids(*answers[0]), ElementsAre("7", "19"));
  const auto& jane = answers[0]->contacts[0];
  EXPECT_EQ(jane.email, "jane@client.example");
  EXPECT_EQ(jane.record, (CrmRecord{"contact", "7", "P7", base + "/person/7"}));
  EXPECT_THAT(jane.phones, ElementsAre("+46701234567"));
}

TEST(Reading, IdsAreOrderedAsNumbers) {
  const auto answers = read({ContactsByEmail{{"a@b.example"}}},
                            {hits(item(10, R"("a@b.example")") + "," + item(9, R"("a@b.example")"))})
                           .finish();
  EXPECT_THAT(ids(*answers[0]), ElementsAre("9", "10"));
}

TEST(Reading, APersonWithTwoAddressesAnswersToBoth) {
  const auto both = hits(item(7, R"("a@b.example","c@d.example")"));
  const auto answers = read({ContactsByEmail{{"a@b.example", "c@d.example"}}}, {both, both}).finish();
  ASSERT_THAT(answers[0]->contacts, SizeIs(2));
  EXPECT_EQ(answers[0]->contacts[0].email, "a@b.example");
  EXPECT_EQ(answers[0]->contacts[1].email, "c@d.example");
}

TEST(Reading, TurnsPagesAndCountsNobodyTwice) {
  const auto one = item(7, R"("a@b.example")");
  const auto answers = read({ContactsByEmail{{"a@b.example"}}},
                            {hits(one, R"("p2")"), hits(one + "," + item(8, R"("a@b.example")"))})
                           .finish();
  EXPECT_THAT(ids(*answers[0]), ElementsAre("7", "8"));
}

TEST(Reading, APhoneIsComparedAsANumber) {
  const auto found = hits(item(7, "", R"("08-555 010 20")") + "," + item(9, "", R"("08-555 010 201")") + "," +
                          item(12, "", R"("+45 8555 0102")"));
  const auto answers = read({ContactsByPhone{"+46855501020", "SE"}}, {found}).finish();
  EXPECT_THAT(ids(*answers[0]), ElementsAre("7"));
  EXPECT_THAT(answers[0]->contacts[0].phones, ElementsAre("+46855501020"));
}

TEST(Reading, OtherNotationsAreTriedOnlyWhileNobodyIsFound) {
  const auto answers =
      read({ContactsByPhone{"+46855501020", "SE"}}, {nobody, hits(item(7, "", R"("+46 8 555 010 20")"))})
          .finish();
  EXPECT_THAT(ids(*answers[0]), ElementsAre("7"));
  EXPECT_THAT(read({ContactsByPhone{"+46855501020", "SE"}}, {nobody, nobody, nobody}).finish()[0]->contacts,
              IsEmpty());
}

TEST(Reading, TellsHowManyNotationsWereSparedUnlessTheDigitsAreCompared) {
  const ContactsByPhone asked{"+46855501020", "SE"};
  EXPECT_EQ(read({asked}, {hits(item(7, "", R"("+46855501020")"))}).finish()[0]->unasked, 2U);
  EXPECT_EQ(read({asked}, {hits(item(7, "", R"("08-555 010 20")"))}).finish()[0]->unasked, 0U);
  EXPECT_EQ(read({asked}, {nobody, hits(item(7, "", R"("+46 8 555 010 20")"))}).finish()[0]->unasked, 1U);
  EXPECT_EQ(read({asked}, {nobody, nobody, nobody}).finish()[0]->unasked, 0U);
}

TEST(Reading, WhereEverybodyIsWantedEveryNotationIsTried) {
  const ContactsByPhone asked{"+46855501020", "SE", true};
  const auto answers =
      read({asked}, {hits(item(7, "", R"("+46855501020")")), hits(item(5, "", R"("+46 8 555 010 20")")),
                     hits(item(9, "", R"("08-555 010 20")"))})
          .finish();
  EXPECT_THAT(ids(*answers[0]), ElementsAre("5", "7", "9"));
  EXPECT_EQ(answers[0]->unasked, 0U);
  EXPECT_THAT(ids(*read({asked}, {hits(item(7, "", R"("08-555 010 20")"))}).finish()[0]), ElementsAre("7"))
      << "its digits were compared: nobody else has them";
}

TEST(Reading, TheSessionsOwnDealIsReadByItsId) {
  const auto one = [](const http::Response& reply) {
    return read({DealById{"52"}}, {reply}).finish()[0].value();
  };
  const auto open = one(data(deal(52, 7, "2026-09-01T08:00:00Z")));
  ASSERT_TRUE(open.deal);
  EXPECT_EQ(*open.deal, (CrmRecord{"deal", "52", "D52", base + "/deal/52"}));
  EXPECT_FALSE(one({404, {}, R"({"success":false})"}).deal);
  EXPECT_FALSE(read({DealById{"52"}}, {http::Response{404, {}, "<html>"}}).finish()[0])
      << "nothing is known of the deal";
  for (const auto* const gone : {R"(,"is_archived":true)", R"(,"is_deleted":true)"}) {
    const auto answer = one(data(deal(52, 7, "2026-09-01T08:00:00Z", gone)));
    EXPECT_FALSE(answer.deal);
    EXPECT_EQ(answer.inactive, 1U);
  }
}

TEST(Reading, ADealOfTheirOwnBehindManyThatTheyOnlyTakePartInIsFound) {
  const auto others = R"({"success":true,"data":[)" + deal(9, 8, "2026-09-02T08:00:00Z") +
                      R"(],"additional_data":{"next_cursor":"n1"}})";
  Reading reading({NewestDealOf{{"contact", "7", "", ""}}}, "https://acme.pipedrive.com");
  reading.absorb(http::Response{200, {}, others});
  ASSERT_TRUE(reading.next());
  EXPECT_THAT(reading.next()->path, testing::HasSubstr("cursor=n1"));
  reading.absorb(data("[" + deal(5, 7, "2026-09-01T08:00:00Z") + "]"));
  EXPECT_FALSE(reading.next());
  EXPECT_EQ(reading.finish()[0]->deal->id, "5");

  Reading endless({NewestDealOf{{"contact", "7", "", ""}}}, "https://acme.pipedrive.com");
  int pages = 0;
  for (; endless.next() && pages < 100; ++pages) endless.absorb(http::Response{200, {}, others});
  EXPECT_EQ(pages, 5);
  EXPECT_FALSE(endless.finish()[0]->deal);
}

TEST(Reading, ActivityTypesAreReadByThemselves) {
  const auto types = data(R"([{"name":"Demo","key_string":"demo","active_flag":true}])");
  const auto answers = read({ActivityTypesNow{}}, {types}).finish();
  EXPECT_THAT(answers.at(0)->activity_types, ElementsAre(ActivityType{"Demo", "demo"}));
  EXPECT_FALSE(read({ActivityTypesNow{}}, {http::Response{403, {}, "{}"}}).finish()[0]);
}

TEST(Reading, TheNewestDealIsTheOneCreatedLast) {
  const auto newest = [](const std::string& rows) {
    return read({NewestDealOf{{"contact", "7", "", ""}}}, {data("[" + rows + "]")}).finish()[0].value().deal;
  };
  EXPECT_EQ(newest(deal(9, 7, "2026-09-01T08:00:00Z") + "," + deal(10, 7, "2026-09-01T08:00:00Z") + "," +
                   deal(99, 7, "2026-08-01T08:00:00Z") + "," + deal(100, 8, "2026-10-01T08:00:00Z"))
                ->id,
            "10");
  EXPECT_FALSE(newest(""));
  EXPECT_FALSE(newest(deal(9, 7, "2026-09-01T08:00:00Z", R"(,"is_deleted":true)")));
}

TEST(Reading, WhatCannotBeAnsweredIsNotAsked) {
  const auto answers = read({ContactsByEmail{{"", ""}}, ContactsByPhone{"", "SE"}, DealById{"52x"},
                             NewestDealOf{{"contact", "", "", ""}}, AppointmentAt{"https://x", Instant{}}},
                            {})
                           .finish();
  ASSERT_THAT(answers, SizeIs(5));
  for (const auto& answer : answers) EXPECT_TRUE(answer);
}

TEST(Reading, AnAnswerFailsAlone) {
  const auto answers =
      read({ContactsByEmail{{"a@b.example", "c@d.example"}}, DealById{"52"}},
           {http::Response{403, {}, R"({"success":false})"}, data(deal(52, 7, "2026-09-01T08:00:00Z"))})
          .finish();
  EXPECT_EQ(answers.at(0).error().cause, Cause::NotPermitted);
  EXPECT_TRUE(answers.at(1)->deal);
}

TEST(Reading, WhoWasAskedForBeforeItIsCutShortStaysAnswered) {
  Reading reading({ContactsByEmail{{"a@b.example", "c@d.example", "e@f.example", "g@h.example"}}}, base);
  EXPECT_EQ(reading.searches(), 4U);
  reading.absorb(hits(item(7, R"("a@b.example","e@f.example")")));
  reading.absorb(nobody);
  reading.absorb(hits(item(8, R"("e@f.example")"), R"("page 2")"));
  reading.absorb(tl::unexpected(limited));
  EXPECT_FALSE(reading.next());
  EXPECT_EQ(reading.searches(), 0U);
  const auto answers = reading.finish();
  ASSERT_TRUE(answers.at(0));
  EXPECT_THAT(ids(*answers[0]), ElementsAre("7")) << "half an answer about a person is none";
  EXPECT_THAT(answers[0]->unread, ElementsAre(testing::Key("e@f.example"), testing::Key("g@h.example")));
  EXPECT_EQ(answers[0]->unread.at("g@h.example").cause, Cause::RateLimited);
}

TEST(Reading, WhatConcernsAllLeavesWhatIsAnsweredAlone) {
  Reading reading({DealById{"52"}, DealById{"53"}, DealById{"54"}}, base);
  reading.absorb(data(deal(52, 7, "2026-09-01T08:00:00Z")));
  reading.absorb(tl::unexpected(limited));
  reading.stop(limited);
  EXPECT_FALSE(reading.next());
  const auto answers = reading.finish();
  EXPECT_TRUE(answers.at(0));
  EXPECT_EQ(answers.at(1).error().cause, Cause::RateLimited);
  EXPECT_EQ(answers.at(2).error().cause, Cause::RateLimited);
}

TEST(Reading, EndlessPagesEnd) {
  Reading reading({ContactsByEmail{{"a@b.example"}}}, base);
  int asked = 0;
  for (; reading.next() && asked < 100; ++asked) reading.absorb(hits("", R"("more")"));
  EXPECT_EQ(asked, 5);
  EXPECT_EQ(reading.finish()[0].error().cause, Cause::Rejected);
}

TEST(Reading, AnAnswerWithoutSenseIsTransient) {
  for (const auto* const body : {"", "[]", "{}", R"({"success":true})", R"({"success":true,"data":{}})",
                                 R"({"success":true,"data":{"items":[{}]}})",
                                 R"({"success":true,"data":{"items":[{"item":{"id":"7"}}]}})",
                                 R"({"success":true,"data":{"items":[{"item":{"id":-7}}]}})"}) {
    const auto answers = read({ContactsByEmail{{"a@b.example"}}}, {http::Response{200, {}, body}}).finish();
    ASSERT_FALSE(answers[0]) << body;
    EXPECT_EQ(answers[0].error().cause, Cause::ServerError) << body;
  }
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
