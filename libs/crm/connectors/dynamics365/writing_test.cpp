#include "writing.hpp"

#include <gmock/gmock.h>

#include "json.hpp"

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
http::Response contact(int state) {
  return {200, {}, dump({{"statecode", state}, {"emailaddress1", "eva@contoso.example"}})};
}

TEST(Writing, SendsEverythingAtOnce) {
  Writing writing({note(2, anna), note(3, anna)}, base);
  ASSERT_THAT(writing.next(), SizeIs(2));
  writing.absorb({done, exists});
  EXPECT_THAT(writing.next(), IsEmpty());
  EXPECT_EQ(writing.finish().at(0)->how, Written::How::Created);
  EXPECT_EQ(writing.finish().at(1)->how, Written::How::Existed);
}

TEST(Writing, ANoteFollowsItsContact) {
  Writing writing({person(), note(2, key(1)), note(3, anna)}, base);
  ASSERT_THAT(writing.next(), SizeIs(2));
  writing.absorb({done, done});
  ASSERT_THAT(writing.next(), SizeIs(1));
  EXPECT_THAT(writing.next()[0].path, HasSubstr(key(2)));
  writing.absorb({done});
  for (const auto& each : writing.finish()) EXPECT_TRUE(each);
}

TEST(Writing, AContactThatExistedIsReadBeforeItsNoteIsWritten) {
  Writing writing({person(), note(2, key(1))}, base);
  writing.absorb({exists});
  ASSERT_THAT(writing.next(), SizeIs(1));
  EXPECT_EQ(writing.next()[0].method, "GET");
  writing.absorb({contact(0)});
  ASSERT_THAT(writing.next(), SizeIs(1));
  EXPECT_EQ(writing.next()[0].method, "PATCH");
  writing.absorb({done});
  EXPECT_EQ(writing.finish().at(0)->how, Written::How::Existed);
  EXPECT_EQ(writing.finish().at(1)->how, Written::How::Created);
}

TEST(Writing, ANoteSharesTheFateOfItsContact) {
  for (const bool read : {false, true}) {
    Writing writing({person(), note(2, key(1))}, base);
    writing.absorb({read ? Result<http::Response>(exists) : fail(Cause::Timeout, "no answer")});
    if (read) writing.absorb({contact(1)});
    EXPECT_THAT(writing.next(), IsEmpty());
    for (const auto& each : writing.finish())
      EXPECT_EQ(each.error().cause, read ? Cause::Rejected : Cause::Timeout);
  }
}

TEST(Writing, WhatCannotBeSentFailsAloneAndItsNotesWithIt) {
  auto nobody = person();
  nobody.key = "not a key";
  Writing writing({nobody, note(2, "not a key"), note(3, anna)}, base);
  ASSERT_THAT(writing.next(), SizeIs(1));
  writing.absorb({done});
  EXPECT_EQ(writing.finish().at(0).error().cause, Cause::Rejected);
  EXPECT_EQ(writing.finish().at(1).error().cause, Cause::Rejected);
  EXPECT_TRUE(writing.finish().at(2));
}

TEST(Writing, NothingIsNothing) {
  Writing writing({}, base);
  EXPECT_THAT(writing.next(), IsEmpty());
  EXPECT_THAT(writing.finish(), IsEmpty());
}

}  // namespace
}  // namespace aftercall::crm::dynamics365
