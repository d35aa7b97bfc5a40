#include "sign_in.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::dynamics365 {
namespace {

using testing::HasSubstr;
using testing::Not;

Connection connection() {
  Connection made;
  made.url = "https://contoso.crm4.dynamics.com";
  made.settings = {{"sign_in_tenant", "contoso.example"}};
  return made;
}
Result<Token> read(int status, std::string body, http::Headers headers = {}) {
  return read_token(connection(), http::Response{status, std::move(headers), std::move(body)});
}

http::Request requested(const Connection& by, const Credentials& credentials) {
  return std::get<http::Request>(token_request(by, credentials).value());
}

TEST(TokenRequest, AsksForTheOrganisationsOwnResource) {
  const auto request = requested(connection(), {"app", Secret("a&b=c %+")});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token");
  EXPECT_EQ(request.body,
            "grant_type=client_credentials&client_id=app&client_secret=a%26b%3Dc%20%25%2B&scope=https%3A%2F%"
            "2Fcontoso.crm4."
            "dynamics.com%2F.default");
  EXPECT_FALSE(request.repeatable);
}

TEST(TokenRequest, UsesTheRefreshTokenOfAPersonsSignIn) {
  Connection by_person = connection();
  by_person.settings["sign_in"] = "oauth";
  const auto request = requested(by_person, {"app", Secret("s"), Secret("R1")});
  EXPECT_THAT(request.body, HasSubstr("grant_type=refresh_token"));
  EXPECT_THAT(request.body, HasSubstr("refresh_token=R1"));
  EXPECT_THAT(request.body, HasSubstr("offline_access"));
}

TEST(TokenRequest, NamesEveryCredentialThatItsKindLacks) {
  EXPECT_EQ(token_request(connection(), {}).error().detail, "missing: client_id, client_secret");
  Connection by_person = connection();
  by_person.settings["sign_in"] = "oauth";
  const auto asked = token_request(by_person, {"app", Secret("s")});
  EXPECT_EQ(asked.error().detail, "missing: refresh_token");
  EXPECT_EQ(asked.error().cause, Cause::SetupIncomplete);
}

TEST(TokenAnswer, GivesATokenForAsLongAsItLasts) {
  const auto token =
      read(200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"abc","refresh_token":"R2"})");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->access.reveal(), "abc");
  EXPECT_EQ(token->expires_in, std::chrono::seconds(3599));
  EXPECT_EQ(token->refresh->reveal(), "R2");
}

TEST(TokenAnswer, WithoutASensibleTokenIsTransient) {
  for (const auto* const body :
       {"", "{}", "[]", "<html>", R"({"access_token":1,"expires_in":1})",
        R"({"access_token":"a\r\nX: y","expires_in":10})", R"({"access_token":"a","expires_in":0})",
        R"({"access_token":"a","expires_in":"soon"})"}) {
    const auto token = read(200, body);
    ASSERT_FALSE(token) << body;
    EXPECT_EQ(token.error().cause, Cause::ServerError) << body;
  }
}

TEST(TokenAnswer, SaysWhoMustDoWhat) {
  const auto cause = [](int status, const std::string& error, int number) {
    return read(status, R"({"error":")" + error + R"(","error_codes":[)" + std::to_string(number) + "]}")
        .error()
        .cause;
  };
  EXPECT_EQ(cause(400, "invalid_grant", 700082), Cause::NotAuthorized);
  EXPECT_EQ(cause(400, "invalid_grant", 50173), Cause::NotAuthorized);
  EXPECT_EQ(cause(400, "invalid_grant", 1), Cause::NotAuthorized);  // Microsoft changes its numbers
  EXPECT_EQ(cause(400, "interaction_required", 50076), Cause::NotAuthorized);
  EXPECT_EQ(cause(401, "invalid_client", 7000215), Cause::SetupIncomplete);
  EXPECT_EQ(cause(401, "invalid_client", 7000222), Cause::SetupIncomplete);
  EXPECT_EQ(cause(400, "unauthorized_client", 700016), Cause::SetupIncomplete);
  EXPECT_EQ(cause(400, "invalid_resource", 500011), Cause::SetupIncomplete);
  EXPECT_EQ(cause(400, "something_new", 1), Cause::SetupIncomplete);
  EXPECT_EQ(cause(400, "temporarily_unavailable", 90033), Cause::ServerError);
  for (const int passes : {40010, 50033, 50087, 90006, 90012, 90024, 90033})
    EXPECT_EQ(cause(400, "invalid_grant", passes), Cause::ServerError) << passes;
  EXPECT_EQ(cause(503, "", 0), Cause::ServerError);
  EXPECT_EQ(cause(408, "", 0), Cause::Timeout);
}

TEST(TokenAnswer, RestsWhenMicrosoftSaysSo) {
  const auto limited = read(429, "", {{"Retry-After", "30"}});
  EXPECT_EQ(limited.error().cause, Cause::RateLimited);
  EXPECT_EQ(limited.error().retry_after, std::chrono::seconds(30));
  const auto loop = read(400, R"({"error":"invalid_grant","error_codes":[50196]})");
  EXPECT_EQ(loop.error().cause, Cause::RateLimited);
  EXPECT_EQ(loop.error().retry_after, std::chrono::minutes(5));
}

TEST(TokenAnswer, RepeatsNothingFromTheDescription) {
  const auto refused = read(
      401,
      R"({"error":"invalid_client","error_description":"AADSTS7000215: secret 'x9' for app 'a'","error_codes":[7000215]})");
  EXPECT_THAT(refused.error().detail, Not(HasSubstr("x9")));
  EXPECT_THAT(refused.error().detail, HasSubstr("client secret is wrong"));
}

TEST(TokenAnswer, AFailureToGetThereStaysWhatItIs) {
  EXPECT_EQ(read_token(connection(), fail(Cause::Unreachable, "no route")).error().cause, Cause::Unreachable);
}

}  // namespace
}  // namespace aftercall::crm::dynamics365
