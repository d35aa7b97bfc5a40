// What every connector does whose CRM knows no keys of ours: a create without an answer is in doubt, is never
// sent again by itself, and is found again.
#include <chrono>
#include <thread>

#include "crm_suite.hpp"

namespace aftercall::test {
namespace {

using crm::Written;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Unkeyed : public CrmSuite {
 protected:
  void SetUp() override {
    CrmSuite::SetUp();
    if (can().keyed_writes) GTEST_SKIP() << "keyed writes";
  }
  crm::Put note(const char* key = key_1) { return note_on(world().anna, key); }
  Failure put_fails(const crm::Put& put) {
    const auto written = stand().put_one(put);
    EXPECT_FALSE(written);
    return written ? Failure{} : written.error();
  }
  std::vector<std::string> recalled(const crm::Put& put, Instant since = {}) {
    const auto found = stand().recall(put, since);
    EXPECT_TRUE(found) << found.error().detail;
    std::vector<std::string> ids;
    if (found)
      for (const auto& each : found->found) ids.push_back(each.id);
    return ids;
  }
  std::size_t writes_of_a_note() {
    std::size_t count = 0;
    for (const auto& request : stand().requests())
      if (request.at("method") == "POST" &&
          request.at("path").get<std::string>().ends_with(world().note_path))
        ++count;
    return count;
  }
};
INSTANTIATE_TEST_SUITE_P(EveryCrm, Unkeyed, testing::ValuesIn(every_crm()), tried_as);

TEST_P(Unkeyed, WhatWasPutTwiceIsThereTwiceAndIsTakenBack) {
  const auto first = stand().put_one(note());
  const auto second = stand().put_one(note());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->how, Written::How::Created);
  EXPECT_THAT(stand().notes(), SizeIs(2));
  EXPECT_THAT(recalled(note()), ElementsAre(first->id, second->id));
  EXPECT_THAT(recalled(note(key_2)), IsEmpty());
  for (int i = 0; i < 2; ++i) {  // what is gone already is no failure
    const auto removed = stand().remove(ArtifactKind::Note, second->id);
    ASSERT_TRUE(removed) << removed.error().detail;
    EXPECT_EQ(removed->requests, 1);
  }
  EXPECT_THAT(recalled(note()), ElementsAre(first->id));
}

TEST_P(Unkeyed, ACreateWithoutAnAnswerIsInDoubtAndFound) {
  const json half{{"status", 200}, {"after_commit", true}, {"body", "{\"success\":tr"}};
  const json denied{
      {"status", 200}, {"after_commit", true}, {"body", R"({"success":false,"error":"?","data":null})"}};
  const json page{{"status", 200}, {"after_commit", true}, {"body", "<html>Sign in</html>"}};
  for (const auto& action :
       {json{{"drop_after_commit", true}}, json{{"status", 500}, {"after_commit", true}},
        json{{"status", 502}, {"after_commit", true}}, json{{"status", 408}, {"after_commit", true}},
        json{{"truncate", true}}, half, denied, page}) {
    begin_anew();
    ASSERT_TRUE(stand().describe());  // so that a connection is there that may be taken for stale
    stand().fault({{"path", world().note_path}, {"method", "POST"}}, action, 2);
    EXPECT_EQ(put_fails(note()).cause, Cause::Unanswered) << action;
    EXPECT_EQ(writes_of_a_note(), 1U) << action;
    stand().control("DELETE", "faults");
    ASSERT_THAT(stand().notes(), SizeIs(1)) << action;
    EXPECT_THAT(recalled(note()), ElementsAre(stand().notes()[0].id)) << action;
  }
}

TEST_P(Unkeyed, ACreateThatWasCarriedOutLateIsFoundLater) {
  stand().fault({{"path", world().note_path}, {"method", "POST"}}, {{"late_commit_ms", 400}}, 1);
  EXPECT_EQ(put_fails(note()).cause, Cause::Unanswered);
  EXPECT_THAT(recalled(note()), IsEmpty());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (recalled(note()).empty() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_THAT(recalled(note()), SizeIs(1));
}

TEST_P(Unkeyed, ADefiniteRefusalIsNoDoubt) {
  for (const int status : {400, 402, 403, 404, 405, 413, 415, 422, 429}) {
    stand().fault({{"path", world().note_path}, {"method", "POST"}}, {{"status", status}}, 1);
    EXPECT_NE(kind_of(put_fails(note()).cause), Kind::InDoubt) << status;
  }
  EXPECT_THAT(stand().notes(), IsEmpty());
}

TEST_P(Unkeyed, WhatWasNotSentIsNoDoubt) {
  stand().set_patience(std::chrono::milliseconds(0));
  EXPECT_EQ(put_fails(note()).cause, Cause::Unreachable);
  EXPECT_THAT(stand().requests(), IsEmpty());
}

TEST_P(Unkeyed, ASignInThatIsDownIsNoDoubt) {
  stand().fault({{"path", world().sign_in_path}}, {{"status", 503}}, 1);
  EXPECT_EQ(put_fails(note()).cause, Cause::ServerError);
}

TEST_P(Unkeyed, AnUpdateWithoutAnAnswerIsTheSameRequestAgain) {
  const auto first = stand().put_one(note());
  ASSERT_TRUE(first);
  stand().fault({{"path", world().note_path}}, {{"status", 500}, {"after_commit", true}}, 1);
  EXPECT_EQ(put_fails(update_of(first->id, "<p>Edited</p>")).cause, Cause::ServerError);
  EXPECT_TRUE(stand().put_one(update_of(first->id, "<p>Edited</p>")));
  EXPECT_THAT(recalled(note()), ElementsAre(first->id));
  EXPECT_EQ(stand().notes().at(0).html, "<p>Edited</p>");
}

TEST_P(Unkeyed, AfterARateLimitNothingMoreIsSent) {
  stand().fault({{"path", world().note_path}}, {{"status", 429}, {"retry_after", 17}}, 1);
  const auto writes = stand().put({note(key_1), note(key_2), note(key_3)});
  ASSERT_THAT(writes.each, SizeIs(3));
  for (const auto& each : writes.each) {
    ASSERT_FALSE(each);
    EXPECT_EQ(each.error().cause, Cause::RateLimited);
  }
  EXPECT_EQ(writes.spent.requests, 1);
  EXPECT_EQ(put_fails(note()).cause, Cause::RateLimited);
  EXPECT_THAT(stand().requests(), SizeIs(1));
}

TEST_P(Unkeyed, AContactIsFoundByRecallBeforeTheSearchKnowsIt) {
  const auto before = truncate(std::chrono::system_clock::now());
  EXPECT_THAT(recalled(eva(), before), IsEmpty());
  const auto written = stand().put_one(eva());
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_THAT(recalled(eva(), before), ElementsAre(written->id));
  auto by_phone = eva();
  by_phone.person.email.clear();
  EXPECT_THAT(recalled(by_phone, before), ElementsAre(written->id));
  EXPECT_TRUE(stand().remove(ArtifactKind::Contact, written->id));
  EXPECT_THAT(recalled(eva(), before), IsEmpty());
}

TEST_P(Unkeyed, AContactInDoubtIsFound) {
  stand().fault({{"path", "/" + world().contacts}, {"method", "POST"}}, {{"drop_after_commit", true}}, 1);
  EXPECT_EQ(put_fails(eva()).cause, Cause::Unanswered);
  EXPECT_THAT(recalled(eva(), truncate(std::chrono::system_clock::now())), SizeIs(1));
}

TEST_P(Unkeyed, AFailedLookIsNoEmptyLook) {
  stand().fault({{"path", world().note_path}, {"method", "GET"}}, {{"status", 503}}, 1);
  const auto found = stand().recall(note());
  ASSERT_FALSE(found);
  EXPECT_EQ(kind_of(found.error().cause), Kind::Transient);
}

}  // namespace
}  // namespace aftercall::test
