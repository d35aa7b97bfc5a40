#include "control/sign_in/sign_ins.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "control/configuration/records.hpp"
#include "control/later_clock.hpp"
#include "http/server.hpp"

namespace aftercall::control {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

const TenantId acme("acme");
const ConnectionId crm_id("crm");

Result<crm::TokenOrRequest> token_request(const Connection& connection, const crm::Credentials& credentials) {
  http::Request request;
  request.method = "POST";
  request.target = connection.url;
  request.body = std::string(credentials.refresh_token.value_or(Secret()).reveal());
  return request;
}

bool for_another_company = false;

// Every sign-in makes the refresh token before worthless: the next one stands in the answer.
Result<crm::Token> read_token(const Connection&, const Result<http::Response>& answer) {
  if (!answer) return tl::unexpected(answer.error());
  crm::Token token{Secret("access for " + answer->body), std::chrono::hours(1), Secret(answer->body)};
  if (for_another_company) token.useless = Failure{Cause::SetupIncomplete, "another company"};
  return token;
}

const crm::Entry rotating{nullptr, nullptr, token_request, read_token, nullptr};

class SignInsTest : public testing::Test {
 protected:
  SignInsTest() {
    crm::Credentials first{"app", Secret("s"), Secret("R")};
    apply(first);
    asio::co_spawn(io, server.run(), [](const std::exception_ptr&) {});
    Connection made;
    made.tenant = acme;
    made.id = crm_id;
    made.crm = "rotating";
    made.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/token";
    connection = std::make_shared<const Connection>(made);
  }
  ~SignInsTest() override {
    server.stop();
    client.close();
    io.restart();
    io.run_for(std::chrono::seconds(5));
  }

  void apply(const crm::Credentials& credentials) {
    const std::string key = secret_key(acme, crm_id);
    const Draft draft = secret_draft({}, key, *vault.seal(acme, crm_id, credentials), 1);
    vault.apply(Record{{"tenant.secret", 0, ++offset}, clock.wall(), draft.key, draft.value, draft.headers});
  }

  static asio::awaitable<http::Response> answer(SignInsTest* test, http::Request request) {
    test->asked.push_back(request.body);
    http::Response response;
    response.body = request.body + (test->rotates ? "'" : "");
    co_return response;
  }
  static asio::awaitable<Result<void>> done(Result<void> result) { co_return result; }
  asio::awaitable<Result<void>> store(const crm::Credentials& fresh) {
    ++stores;
    if (stored) apply(fresh);
    return done(stored);
  }
  static asio::awaitable<void> nothing() { co_return; }

  template <class T>
  using Answered = std::shared_ptr<std::optional<Result<T>>>;
  template <class T>
  Answered<T> begin(asio::awaitable<Result<T>> work) {
    auto got = std::make_shared<std::optional<Result<T>>>();
    asio::co_spawn(io, std::move(work),
                   [got](const std::exception_ptr&, Result<T> answer) { *got = std::move(answer); });
    return got;
  }
  template <class T>
  Result<T> await(Answered<T> got) {
    io.restart();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!*got)
      if (io.run_one_until(deadline) == 0) return fail(Cause::Timeout, "no answer");
    return **got;
  }
  Result<tenancy::HeldLease> lease() { return await(begin(sign_ins.lease(connection, ""))); }
  Result<void> refresh() { return await(begin(sign_ins.refresh(connection))); }

  asio::io_context io;
  LaterClock clock{io.get_executor()};
  bool rotates = true;
  int stores = 0;
  http::Client client{io.get_executor(), {}};
  std::vector<std::string> asked;
  http::Server server{
      io.get_executor(), {}, [this](http::Request request) { return answer(this, std::move(request)); }};
  Vault vault{*KeyRing::of({{"test", Secret(std::string(32, 'k'))}})};
  std::int64_t offset = 0;
  tenancy::ConnectionPtr connection;
  Result<void> ours{};
  Result<void> stored{};
  SignIns sign_ins{{io.get_executor(), clock, client, vault, [](std::string_view) { return &rotating; },
                    [this](bus::Deadline) { return done(ours); },
                    [this](const tenancy::ConnectionPtr&, const crm::Credentials&,
                           const crm::Credentials& fresh) { return store(fresh); },
                    [](const tenancy::ConnectionPtr&, const Failure&) { return nothing(); }}};
};

TEST_F(SignInsTest, WhatComesWithATokenForAnotherCompanyIsStoredAllTheSame) {
  for_another_company = true;
  EXPECT_EQ(lease().error().cause, Cause::SetupIncomplete);
  for_another_company = false;
  EXPECT_EQ(vault.credentials(acme, crm_id)->refresh_token->reveal(), "R'");
}

TEST_F(SignInsTest, LeasesNothingBeforeTheNewRefreshTokenIsStoredAndLosesItNever) {
  stored = fail(Cause::Unreachable, "Kafka is down", std::chrono::milliseconds(0));
  EXPECT_EQ(lease().error().cause, Cause::Unreachable);
  EXPECT_EQ(vault.credentials(acme, crm_id)->refresh_token, Secret("R"));
  stored = {};
  sign_ins.forget(acme, crm_id);  // a person connects again
  const auto held = lease();
  ASSERT_TRUE(held) << held.error().detail;
  EXPECT_EQ(held->token, Secret("access for R'"));
  EXPECT_THAT(asked, ElementsAre("R")) << "the first answer, stored late; R would be refused now";
  EXPECT_EQ(vault.credentials(acme, crm_id)->refresh_token, Secret("R'"));
}

TEST_F(SignInsTest, OtherCredentialsMakeWhatCouldNotBeStoredWorthless) {
  stored = fail(Cause::Unreachable, "Kafka is down", std::chrono::milliseconds(0));
  EXPECT_FALSE(lease());
  stored = {};
  apply({"app", Secret("s"), Secret("given anew")});
  ASSERT_TRUE(lease());
  EXPECT_THAT(asked, ElementsAre("R", "given anew"));
}

TEST_F(SignInsTest, ARefreshAndALeaseAtOnceAreOneSignIn) {
  const auto leased = begin(sign_ins.lease(connection, ""));
  const auto refreshed = begin(sign_ins.refresh(connection));
  ASSERT_TRUE(await(refreshed));
  const auto held = await(leased);
  ASSERT_TRUE(held) << held.error().detail;
  EXPECT_EQ(held->token, Secret("access for R'"));
  EXPECT_THAT(asked, ElementsAre("R"));
}

TEST_F(SignInsTest, ARefreshUsesTheTokenAlthoughALeaseIsHeld) {
  ASSERT_TRUE(lease());
  ASSERT_TRUE(refresh());
  EXPECT_THAT(asked, ElementsAre("R", "R'"));
  EXPECT_EQ(lease()->token, Secret("access for R''"));
  EXPECT_THAT(asked, SizeIs(2));
}

TEST_F(SignInsTest, ATokenThatStaysTheSameIsStoredAgainOnceADaySoThatItsLastUseIsKnown) {
  rotates = false;
  ASSERT_TRUE(refresh());
  EXPECT_EQ(stores, 0) << "it was given a moment ago";
  clock.pass(std::chrono::hours(25));
  ASSERT_TRUE(refresh());
  ASSERT_TRUE(refresh());
  EXPECT_EQ(stores, 1);
  EXPECT_GT(*vault.stored_at(acme, crm_id), truncate(clock.wall()) - std::chrono::hours(1));
}

TEST_F(SignInsTest, ALeaseIsNotLostBecauseItsUseCouldNotBeNoted) {
  rotates = false;
  clock.pass(std::chrono::hours(25));
  stored = fail(Cause::Unreachable, "Kafka is down");
  EXPECT_TRUE(lease());
  EXPECT_EQ(stores, 1);
}

TEST_F(SignInsTest, WhoIsReplacedRefreshesNothing) {
  ours = fail(Cause::Unreachable, "another instance owns the configuration");
  EXPECT_EQ(lease().error().cause, Cause::Unreachable);
  EXPECT_THAT(asked, SizeIs(0));
}

}  // namespace
}  // namespace aftercall::control
