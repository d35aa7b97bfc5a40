#include "sign_in.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::pipedrive {
namespace {

using testing::HasSubstr;
using testing::Not;

Connection connection(const std::string& sign_in) {
  Connection made;
  made.url = "https://acme.pipedrive.com";
  made.settings = {{"sign_in", sign_in}};
  return made;
}
Result<Token> read(int status, std::string body, http::Headers headers = {}) {
  return read_token(connection("oauth"), http::Response{status, std::move(headers), std::move(body)});
}
std::string granted(const std::string& domain, const std::string& scope = "base,contacts:full") {
  return R"({"access_token":"v1u:AAA","token_type":"bearer","refresh_token":"1:2:r2","scope":")" + scope +
         R"(","expires_in":3599,"api_domain":")" + domain + R"("})";
}

TEST(SignIn, AnApiTokenIsTheToken) {
  const auto token = token_request(connection("api_token"), {.api_token = Secret("kim-token")});
  ASSERT_TRUE(token);
  EXPECT_EQ(std::get<Token>(*token).access.reveal(), "kim-token");
}

TEST(SignIn, ARefreshTokenIsExchangedUnderTheAppsName) {
  const auto request = std::get<http::Request>(
      token_request(connection("oauth"), {"cid", Secret("s+cr t"), Secret("1:2:r1")}).value());
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "https://oauth.pipedrive.com/oauth/token");
  EXPECT_EQ(request.body, "grant_type=refresh_token&refresh_token=1%3A2%3Ar1");
  EXPECT_EQ(request.headers.find("Authorization"), "Basic Y2lkOnMrY3IgdA==");
  EXPECT_FALSE(request.repeatable);
}

TEST(SignIn, ItsCredentialsArePaddedAsTheyMustBe) {
  const auto basic = [](const std::string& secret) {
    const auto request = std::get<http::Request>(
        token_request(connection("oauth"), {"a", Secret(secret), Secret("r")}).value());
    return std::string(*request.headers.find("Authorization"));
  };
  EXPECT_EQ(basic("b"), "Basic YTpi");
  EXPECT_EQ(basic("bc"), "Basic YTpiYw==");
  EXPECT_EQ(basic("bcd"), "Basic YTpiY2Q=");
}

TEST(SignIn, NamesEveryCredentialThatItsKindLacks) {
  EXPECT_EQ(token_request(connection("api_token"), {"cid", Secret("s")}).error().detail,
            "missing: api_token");
  const auto asked = token_request(connection("oauth"), {.api_token = Secret("t")});
  EXPECT_EQ(asked.error().detail, "missing: client_id, client_secret, refresh_token");
  EXPECT_EQ(asked.error().cause, Cause::SetupIncomplete);
}

TEST(SignInAnswer, GivesATokenForAsLongAsItLasts) {
  const auto token = read(200, granted("https://acme.pipedrive.com"));
  ASSERT_TRUE(token) << token.error().detail;
  EXPECT_EQ(token->access.reveal(), "v1u:AAA");
  EXPECT_EQ(token->expires_in, std::chrono::seconds(3599));
  EXPECT_EQ(token->refresh->reveal(), "1:2:r2");
  EXPECT_FALSE(token->useless);
}

TEST(SignInAnswer, IsForThisConnectionsCompanyOnly) {
  const auto other = read(200, granted("https://borg.pipedrive.com"));
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->useless);
  EXPECT_EQ(other->useless->cause, Cause::SetupIncomplete);
  EXPECT_THAT(other->useless->detail, HasSubstr("borg.pipedrive.com"));
  EXPECT_EQ(other->refresh->reveal(), "1:2:r2") << "the one that was used may be worth nothing now";
  for (const std::string domain :
       {"", "https://evil.example", "http://127.0.0.1:80", "https://acme.pipedrive.com@evil.example"})
    EXPECT_EQ(read(200, granted(domain))->useless->cause, Cause::ServerError) << domain;
}

TEST(SignInAnswer, NamesTheScopeWithoutWhichNothingCanBeWritten) {
  const auto with = [](const std::string& scope) {
    return read(200, granted("https://acme.pipedrive.com", scope)).value().useless;
  };
  for (const auto* const too_few : {"base", "base,contacts:read,deals:read,activities:full",
                                    "base deals:full", "search:read contacts:read,"}) {
    const auto useless = with(too_few);
    ASSERT_TRUE(useless) << too_few;
    EXPECT_EQ(useless->cause, Cause::SetupIncomplete);
    EXPECT_THAT(useless->detail, HasSubstr("contacts:full"));
  }
  for (const auto* const enough :
       {"", "base,contacts:full", "base contacts:full", "deals:full,contacts:read"})
    EXPECT_FALSE(with(enough)) << enough;
}

TEST(SignInAnswer, WithoutASensibleTokenIsTransient) {
  for (const auto* const body :
       {"", "{}", "[]", "<html>",
        R"({"access_token":1,"expires_in":1,"api_domain":"https://acme.pipedrive.com"})",
        R"({"access_token":"a\r\nX: y","expires_in":10,"api_domain":"https://acme.pipedrive.com"})",
        R"({"access_token":"a","expires_in":0,"api_domain":"https://acme.pipedrive.com"})"}) {
    const auto token = read(200, body);
    ASSERT_FALSE(token) << body;
    EXPECT_EQ(token.error().cause, Cause::ServerError) << body;
  }
}

TEST(SignInAnswer, SaysWhoMustDoWhat) {
  const auto cause = [](int status, const std::string& body) { return read(status, body).error().cause; };
  EXPECT_EQ(cause(400, R"({"success":false,"error":"invalid_grant"})"), Cause::NotAuthorized);
  EXPECT_EQ(cause(401, "invalid_grant"), Cause::NotAuthorized);
  EXPECT_EQ(cause(400, R"({"error":"bad","message":"Invalid grant: refresh_token is invalid"})"),
            Cause::NotAuthorized);
  EXPECT_EQ(cause(400, R"({"error":"invalid_client"})"), Cause::NoLease);
  EXPECT_EQ(cause(401, R"({"error":"unauthorized_client"})"), Cause::NoLease);
  EXPECT_EQ(cause(400, R"({"error":"something_new"})"), Cause::SetupIncomplete);
  EXPECT_EQ(cause(403, "<html>Cloudflare</html>"), Cause::ServerError);
  EXPECT_EQ(cause(503, "<html>"), Cause::ServerError);
  EXPECT_EQ(cause(408, ""), Cause::Timeout);
  const auto limited = read(429, "", {{"Retry-After", "30"}});
  EXPECT_EQ(limited.error().cause, Cause::RateLimited);
  EXPECT_EQ(limited.error().retry_after, std::chrono::seconds(30));
}

TEST(SignInAnswer, RepeatsNothingOfWhatWasSent) {
  const auto refused = read(400, R"({"error":"invalid_grant","message":"refresh_token 1:2:r1 is invalid"})");
  EXPECT_THAT(refused.error().detail, Not(HasSubstr("1:2:r1")));
}

TEST(SignInAnswer, AFailureToGetThereStaysWhatItIs) {
  EXPECT_EQ(read_token(connection("oauth"), fail(Cause::Unreachable, "no route")).error().cause,
            Cause::Unreachable);
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
