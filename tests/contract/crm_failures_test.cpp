// What every connector makes of a CRM that misbehaves: the right cause, and never a second record.
#include <algorithm>

#include "crm_suite.hpp"

namespace aftercall::test {
namespace {

using crm::Written;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Failures : public CrmSuite {
 protected:
  // What no answer to a create means.
  Cause lost(Cause keyed) { return can().keyed_writes ? keyed : Cause::Unanswered; }
  json write_of_a_note() { return {{"path", world().note_path}}; }
  json read_of_contacts() { return {{"path", world().read_path}}; }
  Failure put_fails(const crm::Put& put) {
    const auto written = stand().put_one(put);
    EXPECT_FALSE(written);
    return written ? Failure{} : written.error();
  }
  Failure look_fails() {
    const auto answers = stand().look({crm::ContactsByEmail{{"anna.obrien@contoso.example"}}});
    if (!answers) return answers.error();
    if (!answers->each.at(0)) return answers->each[0].error();
    ADD_FAILURE() << "an answer was not expected";
    return {};
  }
  // A keyed create whose answer was lost is sent again, and leaves one record.
  void expect_that_repeating_leaves_one() {
    if (!can().keyed_writes) return;
    const auto again = stand().put_one(note_on(world().anna, key_1));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_THAT(stand().notes(), SizeIs(1));
  }
};
INSTANTIATE_TEST_SUITE_P(EveryCrm, Failures, testing::ValuesIn(every_crm()), tried_as);

TEST_P(Failures, ARateLimitSaysHowLongToRest) {
  stand().fault(write_of_a_note(), {{"status", 429}, {"retry_after", 17}}, 1);
  const auto failure = put_fails(note_on(world().anna, key_1));
  EXPECT_EQ(failure.cause, Cause::RateLimited);
  EXPECT_EQ(failure.retry_after, std::chrono::seconds(17));
  EXPECT_THAT(stand().notes(), IsEmpty());
  stand().fault(read_of_contacts(), {{"status", 429}, {"retry_after", 5}}, 1);
  EXPECT_EQ(look_fails().cause, Cause::RateLimited);
}

TEST_P(Failures, ARateLimitForABatchIsOneForEachOfItsPuts) {
  if (!world().batches) GTEST_SKIP() << "no batches";
  stand().fault({{"path", "batch"}}, {{"status", 429}, {"retry_after", 9}}, 1);
  const auto writes = stand().put({note_on(world().anna, key_1), note_on(world().contoso, key_2)});
  ASSERT_THAT(writes.each, SizeIs(2));
  for (const auto& each : writes.each) {
    ASSERT_FALSE(each);
    EXPECT_EQ(each.error().cause, Cause::RateLimited);
    EXPECT_EQ(each.error().retry_after, std::chrono::seconds(9));
  }
}

TEST_P(Failures, ARateLimitStopsWhatWouldBeSentNext) {
  if (!world().batches) GTEST_SKIP() << "no batches";
  std::vector<crm::Put> puts;
  puts.reserve(120);
  for (int i = 0; i < 120; ++i)
    puts.push_back(note_on(world().anna, "55555555-0000-5000-8000-000000001" + std::to_string(100 + i)));
  stand().fault({{"path", "batch"}, {"nth", 2}}, {{"status", 429}, {"retry_after", 9}}, 1);
  const auto writes = stand().put(puts);
  EXPECT_EQ(writes.spent.requests, 2);
  EXPECT_EQ(std::count_if(writes.each.begin(), writes.each.end(),
                          [](const auto& each) { return each.has_value(); }),
            50);
  EXPECT_EQ(writes.each.back().error().cause, Cause::RateLimited);
  EXPECT_THAT(stand().requests(), SizeIs(2));
}

TEST_P(Failures, AServersErrorIsTransient) {
  for (const auto& action :
       {json{{"status", 500}}, json{{"status", 502}}, json{{"status", 503}},
        json{{"status", 500}, {"body", ""}}, json{{"status", 200}, {"body", "{\"value\":["}},
        json{{"status", 200}, {"body", "<html>Sign in</html>"}}}) {
    stand().fault(read_of_contacts(), action, 1);
    EXPECT_EQ(kind_of(look_fails().cause), Kind::Transient) << action;
  }
  stand().fault(write_of_a_note(), {{"status", 500}}, 1);
  EXPECT_EQ(put_fails(note_on(world().anna, key_1)).cause, lost(Cause::ServerError));
  expect_that_repeating_leaves_one();
}

// A front door, a proxy or a moved host that knows the path for none of its own: of the record it says
// nothing, and what a person deleted is left deleted for good.
TEST_P(Failures, ANotFoundThatTheCrmNeverSaidIsTransient) {
  const auto note = stand().put_one(note_on(world().anna, key_1));
  ASSERT_TRUE(note) << note.error().detail;
  for (const auto& page : {json{{"status", 404}, {"html", true}}, json{{"status", 404}, {"body", ""}},
                           json{{"status", 404}, {"body", R"({"message":"no route"})"}}}) {
    stand().fault(read_of_contacts(), page, 1);
    EXPECT_EQ(look_fails().cause, Cause::ServerError) << page;
    stand().fault(write_of_a_note(), page, 1);
    EXPECT_EQ(put_fails(note_on(world().anna, key_2)).cause, lost(Cause::ServerError)) << page;
    stand().fault(write_of_a_note(), page, 1);
    EXPECT_EQ(put_fails(update_of(note->id, "<p>Edited</p>")).cause, Cause::ServerError) << page;
  }
  EXPECT_THAT(stand().notes(), SizeIs(1));
  EXPECT_TRUE(stand().put_one(update_of(note->id, "<p>Edited</p>")));
  EXPECT_EQ(put_fails(update_of(world().nowhere, "<p>Edited</p>")).cause, Cause::NotFound);
}

TEST_P(Failures, ANotFoundForABatchIsOneForNoneOfItsPuts) {
  if (!world().batches) GTEST_SKIP() << "no batches";
  const auto note = stand().put_one(note_on(world().anna, key_1));
  ASSERT_TRUE(note) << note.error().detail;
  for (const auto& action : {json{{"status", 404}}, json{{"status", 404}, {"html", true}}}) {
    stand().fault({{"path", "batch"}}, action, 1);
    for (const auto& each :
         stand().put({update_of(note->id, "<p>Edited</p>"), note_on(world().contoso, key_2)}).each) {
      ASSERT_FALSE(each);
      EXPECT_EQ(each.error().cause, Cause::ServerError) << action;
    }
    stand().fault({{"path", "batch"}}, action, 1);
    const auto found = stand().look({crm::ContactsByEmail{{"anna.obrien@contoso.example"}},
                                     crm::ContactsByEmail{{"twins@contoso.example"}}});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().cause, Cause::ServerError) << action;
    stand().fault(write_of_a_note(), action, 1);
    const auto one_of_two = stand().put({update_of(note->id, "<p>x</p>"), note_on(world().per, key_3)});
    EXPECT_EQ(one_of_two.each.at(0).error().cause,
              action.contains("html") ? Cause::ServerError : Cause::NotFound);
  }
}

TEST_P(Failures, AHangingCrmIsATimeout) {
  stand().fault(write_of_a_note(), {{"hang", true}}, 1);
  stand().set_patience(std::chrono::milliseconds(200));
  EXPECT_EQ(put_fails(note_on(world().anna, key_1)).cause, lost(Cause::Timeout));
  stand().control("POST", "release", {{"how", "drop"}});
  stand().set_patience(std::chrono::seconds(10));
  expect_that_repeating_leaves_one();
}

TEST_P(Failures, AnAnswerLostAfterCommitLeavesOneRecord) {
  if (!can().keyed_writes) GTEST_SKIP() << "no keyed writes";
  for (const auto& action : {json{{"drop_after_commit", true}}, json{{"status", 500}, {"after_commit", true}},
                             json{{"status", 502}, {"after_commit", true}}}) {
    begin_anew();
    stand().fault(write_of_a_note(), action, 2);  // a stale connection's request may be sent again by itself
    const auto failure = put_fails(note_on(world().anna, key_1));
    EXPECT_EQ(kind_of(failure.cause), Kind::Transient) << action;
    EXPECT_THAT(stand().notes(), SizeIs(1));
    stand().control("DELETE", "faults");
    expect_that_repeating_leaves_one();
  }
}

TEST_P(Failures, AnUpdateThatHadToBeSentTwiceSaysSo) {
  const auto first = stand().put_one(note_on(world().anna, key_1));
  ASSERT_TRUE(first);
  const auto once = stand().put({update_of(first->id, "<p>Edited</p>")});
  ASSERT_TRUE(once.each.at(0)) << once.each[0].error().detail;
  EXPECT_FALSE(once.repeated);
  stand().fault(write_of_a_note(), {{"drop_after_commit", true}}, 1);  // on the connection of before
  const auto twice = stand().put({update_of(first->id, "<p>Edited again</p>")});
  ASSERT_TRUE(twice.each.at(0)) << twice.each[0].error().detail;
  EXPECT_TRUE(twice.repeated);
}

TEST_P(Failures, AnAnswerLostAfterCommitOfABatchLeavesOneRecordEach) {
  if (!world().batches) GTEST_SKIP() << "no batches";
  stand().fault({{"path", "batch"}}, {{"drop_after_commit", true}}, 2);
  const std::vector<crm::Put> puts{note_on(world().anna, key_1), note_on(world().contoso, key_2)};
  for (const auto& each : stand().put(puts).each) {
    ASSERT_FALSE(each);
    EXPECT_EQ(kind_of(each.error().cause), Kind::Transient);
  }
  stand().control("DELETE", "faults");
  for (const auto& each : stand().put(puts).each) {
    ASSERT_TRUE(each);
    EXPECT_EQ(each->how, Written::How::Existed);
  }
  EXPECT_THAT(stand().notes(), SizeIs(2));
}

TEST_P(Failures, AMissingRightIsNotPermittedAndNamed) {
  order(world().without_note_right);
  const auto failure = put_fails(note_on(world().anna, key_1));
  EXPECT_EQ(failure.cause, Cause::NotPermitted);
  EXPECT_THAT(failure.detail, testing::ContainsRegex("[Nn]ote"));
  EXPECT_TRUE(stand().look({crm::ContactsByEmail{{"anna.obrien@contoso.example"}}}));
}

TEST_P(Failures, ALostRightToCompaniesCostsOneRequestMoreAndNobodyIsMissed) {
  if (!can().accounts) GTEST_SKIP() << "no accounts";
  const std::vector<crm::Question> emails{crm::ContactsByEmail{{"anna.obrien@contoso.example"}}};
  const auto both = [&] {
    auto questions = emails;
    questions.emplace_back(crm::ContactsByPhone{"+46855501020", "SE"});
    return questions;
  }();
  order(world().without_account_right);
  for (const auto& questions : {emails, both}) {
    const auto answers = stand().look(questions);
    ASSERT_TRUE(answers) << answers.error().detail;
    EXPECT_EQ(answers->spent.requests, 2);
    for (const auto& each : answers->each) {
      ASSERT_TRUE(each) << each.error().detail;
      EXPECT_TRUE(each->accounts_refused);
      ASSERT_THAT(each->contacts, SizeIs(1));
      EXPECT_FALSE(each->contacts[0].account);
    }
  }
  EXPECT_FALSE(stand().describe()->capabilities.accounts);
}

TEST_P(Failures, AFieldTooLongSaysSoAndLeavesTheOthersAlone) {
  stand().control("POST", "limits", world().shorter_notes);
  const auto writes =
      stand().put({note_on(world().anna, key_1, std::string(51, 'x')), note_on(world().per, key_2)});
  ASSERT_FALSE(writes.each.at(0));
  EXPECT_EQ(writes.each[0].error().cause, Cause::TooLong);
  EXPECT_THAT(writes.each[0].error().detail, Not(HasSubstr("xxx")));
  EXPECT_TRUE(writes.each.at(1));
}

TEST_P(Failures, AnExpiredTokenIsRenewedOnceAndTheRequestSentAgain) {
  ASSERT_TRUE(stand().put_one(note_on(world().anna, key_1)));
  stand().control("POST", "users", world().tokens_revoked);
  EXPECT_TRUE(stand().put_one(note_on(world().anna, key_2)));
  EXPECT_EQ(stand().sign_ins(), 2);
  EXPECT_THAT(stand().notes(), SizeIs(2));
}

TEST_P(Failures, ATokenThatIsNeverAcceptedIsNotAuthorized) {
  stand().fault({{"path", "/api/"}}, {{"status", 401}}, 10);
  EXPECT_EQ(look_fails().cause, Cause::NotAuthorized);
  EXPECT_THAT(stand().requests(), SizeIs(2));
}

TEST_P(Failures, AWrongSecretIsSetupIncompleteAndNamesNoSecret) {
  auto credentials = world().credentials;
  credentials.client_secret = Secret("not-the-secret");
  const auto answer = stand().send(
      std::get<http::Request>(GetParam().entry->token_request(stand().connection(), credentials).value()));
  const auto token = GetParam().entry->read_token(stand().connection(), answer);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().cause, world().wrong_secret);
  EXPECT_THAT(token.error().detail, Not(HasSubstr("not-the-secret")));
}

TEST_P(Failures, ASignInThatIsDownIsTransient) {
  stand().fault({{"path", world().sign_in_path}}, {{"status", 503}}, 1);
  EXPECT_EQ(look_fails().cause, Cause::ServerError);
  EXPECT_THAT(stand().requests(), IsEmpty());
}

TEST_P(Failures, ATargetThatCannotBeIsRefusedBeforeAnythingIsSent) {
  auto odd = world().anna;
  for (const std::string id : {"", "1)/../accounts(2", "22222222-0000-0000-0000-00000000000g"}) {
    odd.id = id;
    EXPECT_EQ(put_fails(note_on(odd, key_1)).cause, Cause::Rejected) << id;
  }
  EXPECT_THAT(stand().requests(), IsEmpty());
}

TEST_P(Failures, AFailureNamesNeitherPeopleNorText) {
  stand().fault(read_of_contacts(),
                {{"status", 400},
                 {"code", "0x80060888"},
                 {"message", "unterminated literal in 'anna.obrien@contoso.example'"}},
                1);
  EXPECT_THAT(look_fails().detail, Not(HasSubstr("anna")));
}

}  // namespace
}  // namespace aftercall::test
