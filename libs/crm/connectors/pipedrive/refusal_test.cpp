#include "refusal.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::pipedrive {
namespace {

using testing::HasSubstr;
using testing::Not;

http::Response refused(int status, const std::string& error = "", const std::string& code = "") {
  return {status, {}, R"({"success":false,"error":")" + error + R"(","code":")" + code + R"("})"};
}
Cause cause(int status, const std::string& error = "", const std::string& code = "") {
  return failure_of(refused(status, error, code)).cause;
}
const http::Response page{
    403, {{"Content-Type", "text/html"}}, "<html>This error is produced by Cloudflare</html>"};
const http::Response no_scope{
    403, {}, R"({"success":false,"error":"Scope and URL mismatch","errorCode":403})"};

TEST(Refusal, EveryStatusHasItsCause) {
  EXPECT_EQ(cause(400, "Validation failed", "ERR_SCHEMA_VALIDATION_FAILED"), Cause::Rejected);
  EXPECT_EQ(cause(400, "Note content is too long"), Cause::TooLong);
  EXPECT_EQ(cause(401), Cause::NotAuthorized);
  EXPECT_EQ(cause(402), Cause::SetupIncomplete);
  EXPECT_EQ(cause(403), Cause::NotPermitted);
  EXPECT_EQ(cause(403, "limit", "feature_capping_deals_limit"), Cause::NotPermitted);
  EXPECT_EQ(failure_of(no_scope).cause, Cause::NotPermitted);
  EXPECT_EQ(failure_of(page).cause, Cause::RateLimited);
  EXPECT_EQ(cause(404), Cause::NotFound);
  EXPECT_EQ(cause(405), Cause::Rejected);
  EXPECT_EQ(cause(408), Cause::Timeout);
  EXPECT_EQ(cause(410), Cause::Rejected);
  EXPECT_EQ(cause(413), Cause::TooLong);
  EXPECT_EQ(cause(415), Cause::Rejected);
  EXPECT_EQ(cause(422), Cause::Rejected);
  EXPECT_EQ(cause(429), Cause::RateLimited);
  EXPECT_EQ(cause(500), Cause::ServerError);
  EXPECT_EQ(cause(503), Cause::ServerError);
  EXPECT_EQ(cause(302), Cause::SetupIncomplete);
}

TEST(Refusal, ASuccessSaysSo) {
  const auto read = [](int status, std::string body) { return read_success({status, {}, std::move(body)}); };
  EXPECT_TRUE(read(200, R"({"success":true})"));
  EXPECT_TRUE(read(201, R"({"success":true})"));
  for (const auto* const body :
       {"", "{}", "[]", "<html>", R"({"success":false})", R"({"success":1})", R"({"success":)"})
    EXPECT_EQ(read(200, body).error().cause, Cause::ServerError) << body;
  EXPECT_EQ(read(404, R"({"success":false})").error().cause, Cause::NotFound);
}

TEST(Refusal, OnlyPipedrivesOwnWordsTellThatARecordIsNotThere) {
  for (const auto* const body :
       {"", "<html>Not Found</html>", "{}", "[]", R"({"success":true})", R"({"success":"false"})",
        R"({"error":"Not found"})", R"({"success":false,"error":"no route","errorCode":404})"}) {
    const http::Response answer{404, {}, body};
    EXPECT_FALSE(says_not_there(answer)) << body;
    EXPECT_EQ(failure_of(answer).cause, Cause::ServerError) << body;
    EXPECT_THAT(failure_of(answer).detail, HasSubstr("not in its own words")) << body;
  }
  EXPECT_TRUE(says_not_there(refused(404, "Note not found")));
  EXPECT_FALSE(says_not_there(refused(400, "Note not found")));
  EXPECT_THAT(failure_of(refused(404)).detail, HasSubstr("hidden from the connection's user"));
}

TEST(Refusal, OnlyADefiniteOneLeavesNoDoubt) {
  for (const int status : {400, 401, 402, 403, 413, 422, 429})
    EXPECT_TRUE(refused_for_certain({status, {}, ""}));
  EXPECT_TRUE(refused_for_certain(refused(404)));
  EXPECT_FALSE(refused_for_certain({404, {}, "<html>"}));
  for (const int status : {100, 200, 204, 302, 408, 500, 502, 503})
    EXPECT_FALSE(refused_for_certain({status, {}, ""}));
}

TEST(Refusal, ABudgetThatIsUsedUpIsToldFromABurst) {
  http::Response used_up{429, {}, "{}"};
  EXPECT_THAT(failure_of(used_up).detail, Not(HasSubstr("budget")));
  used_up.headers.set("x-daily-ratelimit-token-remaining", "0");
  EXPECT_THAT(failure_of(used_up).detail, HasSubstr("budget"));
}

TEST(Refusal, ALackOfScopeIsToldFromALackOfRights) {
  EXPECT_TRUE(lacks_scope(no_scope));
  EXPECT_TRUE(lacks_scope(refused(403, "scope and url mismatch")));
  EXPECT_FALSE(lacks_scope(refused(403, "You do not have permission")));
  EXPECT_FALSE(lacks_scope(page));
  EXPECT_FALSE(lacks_scope(refused(404, "no scope")));
  EXPECT_THAT(failure_of(no_scope).detail, HasSubstr("scope"));
}

TEST(Refusal, TellsNothingOfTheVendorsText) {
  auto answer = refused(400, "note <p>Anna's secret</p> is not valid", "ERR_BAD_REQUEST");
  answer.headers.add("x-correlation-id", "c-1");
  const auto detail = failure_of(answer).detail;
  EXPECT_THAT(detail, Not(HasSubstr("Anna")));
  EXPECT_THAT(detail, HasSubstr("ERR_BAD_REQUEST"));
  EXPECT_THAT(detail, HasSubstr("c-1"));
  EXPECT_THAT(failure_of(refused(400, "", "anna@contoso.example")).detail, Not(HasSubstr("anna")));
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
