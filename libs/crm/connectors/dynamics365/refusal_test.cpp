#include "refusal.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::dynamics365 {
namespace {

using testing::HasSubstr;
using testing::Not;

http::Response refused(int status, const std::string& code, const std::string& message = "") {
  return {status, {}, R"({"error":{"code":")" + code + R"(","message":")" + message + R"("}})"};
}
Cause cause(int status, const std::string& code, const std::string& message = "") {
  return failure_of(refused(status, code, message)).cause;
}

TEST(Refusal, EveryRowOfTheVendorsTableHasItsCause) {
  EXPECT_EQ(cause(400, "0x80044331"), Cause::TooLong);
  EXPECT_EQ(cause(400, "0x8004431a"), Cause::Rejected);
  EXPECT_EQ(cause(400, "0x80048d19"), Cause::Rejected);
  EXPECT_EQ(cause(400, "0x0"), Cause::Rejected);
  EXPECT_EQ(cause(400, "0x80060888"), Cause::Rejected);
  EXPECT_EQ(cause(400, "0x80044410"), Cause::SetupIncomplete);
  EXPECT_EQ(cause(400, "0x80040265"), Cause::Rejected);
  EXPECT_EQ(cause(401, ""), Cause::NotAuthorized);
  EXPECT_EQ(cause(403, "0x80040220"), Cause::NotPermitted);
  EXPECT_EQ(cause(403, "0x80048306"), Cause::NotPermitted);
  EXPECT_EQ(cause(403, "0x80040231"), Cause::NotPermitted);  // blocks only where the main record is refused
  EXPECT_EQ(cause(403, "0x80040299"), Cause::NotPermitted);
  EXPECT_EQ(cause(403, "0x80072560"), Cause::SetupIncomplete);
  EXPECT_EQ(cause(403, ""), Cause::NotPermitted);
  EXPECT_EQ(cause(404, "0x80040217"), Cause::NotFound);
  EXPECT_EQ(cause(404, ""), Cause::NotFound);
  EXPECT_EQ(cause(404, "0x8006088a"), Cause::SetupIncomplete);
  EXPECT_EQ(cause(404, "", "No HTTP resource was found that matches the request URI"), Cause::Rejected);
  EXPECT_EQ(cause(405, "0x80060888"), Cause::Rejected);
  EXPECT_EQ(cause(408, ""), Cause::Timeout);
  EXPECT_EQ(cause(412, "0x80060882"), Cause::Rejected);
  EXPECT_EQ(cause(413, ""), Cause::Rejected);
  EXPECT_EQ(cause(429, "0x80072322"), Cause::RateLimited);
  EXPECT_EQ(cause(500, "0x80040333"), Cause::Rejected);
  EXPECT_EQ(cause(412, "0x80040333"), Cause::Rejected);  // by the code, not by the status
  EXPECT_EQ(cause(500, "0x80040216"), Cause::ServerError);
  EXPECT_EQ(cause(500, "0x80044150"), Cause::ServerError);
  EXPECT_EQ(cause(502, ""), Cause::ServerError);
  EXPECT_EQ(cause(503, "0x8004a104"), Cause::ServerError);
  EXPECT_EQ(cause(302, ""), Cause::SetupIncomplete);
}

TEST(Refusal, ACodeIsOneNumberInEitherNotation) {
  EXPECT_EQ(cause(400, "-2147204303"), Cause::TooLong);  // 0x80044331
  EXPECT_EQ(cause(400, "0X80044331"), Cause::TooLong);
  EXPECT_EQ(cause(400, "2147763 1"), Cause::Rejected);
  EXPECT_EQ(cause(400, "0x800443310000"), Cause::Rejected);
}

TEST(Refusal, AGatewaysPageIsTransientAndNotRepeated) {
  const http::Response page{502, {{"Content-Type", "text/html"}}, "<html>secret</html>"};
  EXPECT_EQ(failure_of(page).cause, Cause::ServerError);
  EXPECT_THAT(failure_of(page).detail, Not(HasSubstr("secret")));
}

TEST(Refusal, OnlyTheVendorsOwnWordsTellThatARecordIsNotThere) {
  for (const auto* const page :
       {"", "<html>Not Found</html>", "{}", "[]", R"({"error":"not found"})", R"({"error":{}})",
        R"({"error":{"code":"ResourceNotFound","message":"x"}})", R"({"error":{"code":"404","message":"x"}})",
        R"({"error":{"code":"","details":"x"}})", R"({"statusCode":404,"message":"Resource not found"})"}) {
    const auto failure = failure_of({404, {}, page});
    EXPECT_EQ(failure.cause, Cause::ServerError) << page;
    EXPECT_THAT(failure.detail, HasSubstr("not in its own words")) << page;
  }
  EXPECT_EQ(cause(404, "-2147220969"), Cause::NotFound);  // 0x80040217
  EXPECT_EQ(cause(404, "0x0"), Cause::NotFound);
  EXPECT_EQ(cause(404, "0x80060891"), Cause::Rejected);  // its own, and of something else
}

TEST(Refusal, TellsTheMessageOnlyWhereItHoldsNothingOfOurs) {
  EXPECT_THAT(failure_of(refused(403, "0x80040220", "missing prvCreateNote privilege")).detail,
              HasSubstr("prvCreateNote"));
  EXPECT_THAT(failure_of(refused(400, "0x80060888", "at 'anna@contoso.example'")).detail,
              Not(HasSubstr("anna")));
  EXPECT_THAT(failure_of(refused(400, "0x7", "about anna")).detail, Not(HasSubstr("anna")));
}

TEST(Refusal, NamesTheCrmsOwnRequest) {
  auto answer = refused(500, "0x80040216");
  answer.headers.add("x-ms-service-request-id", "abc-1");
  EXPECT_THAT(failure_of(answer).detail, HasSubstr("abc-1"));
}

TEST(Refusal, ALongMessageIsCutBetweenLetters) {
  std::string message;
  for (int i = 0; i < 300; ++i) message += "\xC3\xA5";
  const auto detail = failure_of(refused(404, "0x80040217", message)).detail;
  EXPECT_LT(detail.size(), 400U);
  EXPECT_THAT(detail, HasSubstr("…"));
}

TEST(Refusal, ADisabledOrganisationStaysSoForAWhile) {
  EXPECT_EQ(failure_of(refused(503, "0x8004a104")).retry_after, std::chrono::minutes(10));
}

TEST(Refusal, OnlyARowWithThisKeyExists) {
  EXPECT_TRUE(says_exists(refused(412, "0x80040237")));
  EXPECT_TRUE(says_exists(refused(412, "")));
  EXPECT_FALSE(says_exists(refused(412, "0x80060882")));
  EXPECT_FALSE(says_exists(refused(412, "0x80040333")));
  EXPECT_FALSE(says_exists(refused(400, "0x80040237")));
}

}  // namespace
}  // namespace aftercall::crm::dynamics365
