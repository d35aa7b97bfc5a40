#include "writing.hpp"

#include <gmock/gmock.h>

#include "crm/json.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string base = "https://contoso.crm4.dynamics.com";
std::string key(int number) { return "55555555-0000-5000-8000-00000000000" + std::to_string(number); }
Put person() {
  Put put;
  put.kind = ArtifactKind::Contact;
  put.key = key(1);
  put.person = {"Eva Lind", "eva@contoso.example", ""};
  return put;
}
Put note(int number, const std::string& target) {
  Put put;
  put.key = key(number);
  put.target = {"contact", target, "", ""};
  return put;
}
const std::string anna = "22222222-0000-0000-0000-000000000001";
const http::Response done{204, {}, ""};
const http::Response exists{412, {}, R"({"error":{"code":"0x80040237"}})"};
const http::Response too_long{400, {}, R"({"error":{"code":"0x80044331"}})"};
http::Response contact(int state) {
  return {200, {}, dump({{"statecode", state}, {"emailaddress1", "eva@contoso.example"}})};
}

TEST(Writing, SendsEverythingAtOnce) {
  Writing writing({note(2, anna), note(3, anna)}, base);
  ASSERT_THAT(writing.next().operations, SizeIs(2));
  writing.absorb({done, exists});
  EXPECT_THAT(writing.next().operations, IsEmpty());
  EXPECT_EQ(writing.finish().at(0)->how, Written::How::Created);
  EXPECT_EQ(writing.finish().at(1)->how, Written::How::Existed);
}

TEST(Writing, ANoteFollowsItsContactInOneRoundThatStopsAtAFailure) {
  Writing writing({person(), note(2, key(1)), note(3, anna)}, base);
  ASSERT_THAT(writing.next().operations, SizeIs(3));
  EXPECT_EQ(writing.next().on_failure, OnFailure::Stop);
  writing.absorb({done, done, done});
  EXPECT_THAT(writing.next().operations, IsEmpty());
  for (const auto& each : writing.finish()) EXPECT_TRUE(each);
}

TEST(Writing, WhatAStoppedRoundLeftFollows) {
  Writing writing({person(), note(2, key(1)), note(3, anna)}, base);
  writing.absorb({done, too_long});
  ASSERT_THAT(writing.next().operations, SizeIs(1));
  EXPECT_THAT(writing.next().operations[0].path, HasSubstr(key(3)));
  EXPECT_EQ(writing.next().on_failure, OnFailure::GoOn);
  writing.absorb({done});
  EXPECT_TRUE(writing.finish().at(0));
  EXPECT_EQ(writing.finish().at(1).error().cause, Cause::TooLong);
  EXPECT_TRUE(writing.finish().at(2));
}

TEST(Writing, AFailureOfWhichItIsNotKnownWhoseItIsIsNobodys) {
  Writing writing({person(), note(2, key(1))}, base);
  writing.absorb({too_long});
  ASSERT_THAT(writing.next().operations, SizeIs(1));  // now one after the other
  EXPECT_EQ(writing.next().on_failure, OnFailure::GoOn);
  writing.absorb({done});
  writing.absorb({too_long});
  EXPECT_TRUE(writing.finish().at(0));
  EXPECT_EQ(writing.finish().at(1).error().cause, Cause::TooLong);
}

TEST(Writing, WhoIsAskedToWaitSendsNothingMore) {
  const http::Response wait{429, {{"Retry-After", "7"}}, R"({"error":{"code":"0x80072322"}})"};
  Writing stopped({person(), note(2, key(1)), note(3, anna)}, base);
  stopped.absorb({done, wait});
  EXPECT_THAT(stopped.next().operations, IsEmpty());
  EXPECT_TRUE(stopped.finish().at(0)) << "it was written before";
  for (const auto which : {1U, 2U}) {
    EXPECT_EQ(stopped.finish().at(which).error().cause, Cause::RateLimited);
    EXPECT_EQ(stopped.finish().at(which).error().retry_after, std::chrono::seconds(7));
  }

  Writing nobodys({person(), note(2, key(1))}, base);
  nobodys.absorb({wait});
  EXPECT_THAT(nobodys.next().operations, IsEmpty());
  for (const auto& each : nobodys.finish()) EXPECT_EQ(each.error().cause, Cause::RateLimited);

  Writing existed({person(), note(3, anna)}, base);
  existed.absorb({exists, wait});
  EXPECT_THAT(existed.next().operations, IsEmpty()) << "not even to read who is there";
}

TEST(Writing, AContactThatExistedIsReadBeforeItsNoteIsWritten) {
  Writing writing({note(3, anna), person(), note(2, key(1))}, base);
  writing.absorb({done, exists});
  ASSERT_THAT(writing.next().operations, SizeIs(1));
  EXPECT_EQ(writing.next().operations[0].method, "GET");
  writing.absorb({contact(0)});
  ASSERT_THAT(writing.next().operations, SizeIs(1));
  EXPECT_EQ(writing.next().operations[0].method, "PATCH");
  writing.absorb({done});
  EXPECT_EQ(writing.finish().at(1)->how, Written::How::Existed);
  EXPECT_EQ(writing.finish().at(2)->how, Written::How::Created);
}

TEST(Writing, ANoteSharesTheFateOfItsContact) {
  Writing refused({note(3, anna), person(), note(2, key(1))}, base);
  refused.absorb({done, exists});
  refused.absorb({contact(1)});
  EXPECT_THAT(refused.next().operations, IsEmpty());
  EXPECT_EQ(refused.finish().at(1).error().cause, Cause::NotFound);
  EXPECT_EQ(refused.finish().at(2).error().cause, Cause::NotFound);

  Writing silent({person(), note(2, key(1))}, base);
  silent.absorb({fail(Cause::Timeout, "no answer"), fail(Cause::Timeout, "no answer")});
  EXPECT_THAT(silent.next().operations, IsEmpty());
  for (const auto& each : silent.finish()) EXPECT_EQ(each.error().cause, Cause::Timeout);
}

TEST(Writing, WhatCannotBeSentFailsAloneAndItsNotesWithIt) {
  auto nobody = person();
  nobody.key = "not a key";
  Writing writing({nobody, note(2, "not a key"), note(3, anna)}, base);
  ASSERT_THAT(writing.next().operations, SizeIs(1));
  writing.absorb({done});
  EXPECT_EQ(writing.finish().at(0).error().cause, Cause::Rejected);
  EXPECT_EQ(writing.finish().at(1).error().cause, Cause::Rejected);
  EXPECT_TRUE(writing.finish().at(2));
}

TEST(Writing, NothingIsNothing) {
  Writing writing({}, base);
  EXPECT_THAT(writing.next().operations, IsEmpty());
  EXPECT_THAT(writing.finish(), IsEmpty());
}

}  // namespace
}  // namespace aftercall::crm::dynamics365
