#include "crm/sign_in.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm {
namespace {

Failure failure_of(std::string_view body) {
  const auto token = token_in(body, "The vendor");
  return token ? Failure{Cause::Expired, "a token", std::nullopt} : token.error();
}

TEST(TokenIn, AnAnswerIsWhatItSaysForAsLongAsItLasts) {
  const auto token = token_in(R"({"access_token":"abc","expires_in":3599,"refresh_token":"R2"})", "x");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->access.reveal(), "abc");
  EXPECT_EQ(token->expires_in, std::chrono::seconds(3599));
  EXPECT_EQ(token->refresh->reveal(), "R2");
}

TEST(TokenIn, AnAnswerNeedsNoRefreshTokenAndLastsADayAtMost) {
  const auto token = token_in(R"({"access_token":"abc","expires_in":9223372036854775807})", "x");
  ASSERT_TRUE(token);
  EXPECT_FALSE(token->refresh);
  EXPECT_EQ(token->expires_in, std::chrono::hours(24));
  EXPECT_FALSE(token_in(R"({"access_token":"a","expires_in":1,"refresh_token":7})", "x")->refresh);
}

TEST(TokenIn, WhatIsNoAnswerIsTransientAndInTheNameOfItsSender) {
  for (const auto* const body :
       {"", "{}", "[]", "null", "<html>", R"({"access_token":"a")", R"({"expires_in":1})",
        R"({"access_token":"","expires_in":1})", R"({"access_token":["a"],"expires_in":1})",
        R"({"access_token":"a"})", R"({"access_token":"a","expires_in":0})",
        R"({"access_token":"a","expires_in":-5})", R"({"access_token":"a","expires_in":"3599"})",
        R"({"access_token":"a","expires_in":1e99})"}) {
    EXPECT_EQ(failure_of(body).cause, Cause::ServerError) << body;
    EXPECT_EQ(failure_of(body).detail, "The vendor's sign-in sent an answer without a token") << body;
  }
}

TEST(TokenIn, ATokenThatCannotStandInAHeaderIsNone) {
  for (const auto* const token : {R"(a\r\nX: y)", "a b", R"(a\u0000b)", R"(a\tb)", "\xC3\xA5", R"(\u007f)"})
    EXPECT_EQ(failure_of(std::string(R"({"expires_in":1,"access_token":")") + token + "\"}").detail,
              "The vendor's sign-in sent a token that cannot be one")
        << token;
}

TEST(Need, NamesEveryCredentialThatIsNotThere) {
  EXPECT_TRUE(need({{"client_id", true}}));
  const auto lacking = need({{"client_id", false}, {"client_secret", true}, {"refresh_token", false}});
  EXPECT_EQ(lacking.error().cause, Cause::SetupIncomplete);
  EXPECT_EQ(lacking.error().detail, "missing: client_id, refresh_token");
}

}  // namespace
}  // namespace aftercall::crm
