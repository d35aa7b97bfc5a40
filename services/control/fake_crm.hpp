#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "crm/connector.hpp"

// A CRM and its sign-in that are a few lines of HTTP.
namespace aftercall::control {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// What the sign-in and the CRM were asked, and what they answer. Read and set from the test's thread.
class Outside {
 public:
  std::vector<std::string> token_requests() const {
    const std::lock_guard lock(mutex_);
    return token_requests_;
  }
  void answer_tokens(int status, std::string body) {
    const std::lock_guard lock(mutex_);
    status_ = status;
    body_ = std::move(body);
  }
  void account(std::string id) {
    const std::lock_guard lock(mutex_);
    account_ = std::move(id);
  }

  void accounts(bool may_be_read) { accounts_ = may_be_read; }
  void missing(std::vector<std::string> rights) {
    const std::lock_guard lock(mutex_);
    missing_ = std::move(rights);
  }
  int looks() const { return looks_; }  // how often the CRM was asked who we are

  void hold(bool held) { held_ = held; }  // token requests wait for their answer
  // The CRM answers nobody any more at targets that begin so; "" for none.
  void hang_below(std::string path) {
    const std::lock_guard lock(mutex_);
    hangs_below_ = std::move(path);
  }

  int hanging() const { return hanging_; }  // that it did not answer so far

  asio::awaitable<http::Response> answer(http::Request request) {
    const bool signs_in = request.target.ends_with("/token");
    if (signs_in) note(request.body);
    const auto executor = co_await asio::this_coro::executor;
    if (!signs_in && hangs(request.target)) ++hanging_;
    while (signs_in ? held_.load() : hangs(request.target)) {
      asio::steady_timer timer(executor, 2ms);
      co_await timer.async_wait(asio::use_awaitable);
    }
    co_return answer_now(request);
  }

 private:
  bool hangs(const std::string& target) const {
    const std::lock_guard lock(mutex_);
    return !hangs_below_.empty() && target.starts_with(hangs_below_);
  }
  void note(const std::string& body) {
    const std::lock_guard lock(mutex_);
    token_requests_.push_back(body);
  }
  http::Response answer_now(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    http::Response response;
    if (request.target.ends_with("/token")) {
      response.status = status_;
      response.body = body_;
      // "#" in the answer counts, so that each token is another one.
      const auto mark = response.body.find('#');
      if (mark != std::string::npos) response.body.replace(mark, 1, std::to_string(token_requests_.size()));
    } else {
      const auto bearer = request.headers.find("Authorization");
      response.status = bearer && bearer->starts_with("Bearer access-") ? 200 : 401;
      response.body = account_ + (accounts_ ? " accounts" : " no-accounts");
      for (const auto& right : missing_) response.body += " " + right;
      ++looks_;
    }
    return response;
  }

  mutable std::mutex mutex_;
  std::atomic<bool> held_ = false;
  std::atomic<bool> accounts_ = true;
  std::vector<std::string> token_requests_;
  int status_ = 200;
  std::string body_ = "access-# 3600";
  std::string account_ = "org";
  std::string hangs_below_;
  std::vector<std::string> missing_;
  std::atomic<int> looks_ = 0;
  std::atomic<int> hanging_ = 0;
};

// A CRM named "fake": its sign-in answers "<access> <seconds> [<refresh>]" or "error".
struct FakeCrm : crm::Connector {
  FakeCrm(std::string url, crm::TokenSource source, http::Client& with)
      : base(std::move(url)), token(std::move(source)), client(with) {}
  asio::awaitable<Result<crm::Description>> describe(crm::Call call) override {
    const Result<Secret> got = co_await token(Secret());
    if (!got) co_return tl::unexpected(got.error());
    http::Request request;
    request.target = base + "/whoami";
    request.headers.add("Authorization", "Bearer " + std::string(got->reveal()));
    const Result<http::Response> answer = co_await client.send(std::move(request), call.deadline);
    if (!answer) co_return tl::unexpected(answer.error());
    crm::Description description;
    std::istringstream text(answer->body);
    std::string word;
    text >> word;
    description.account = CrmAccount("fake:" + word);
    text >> word;
    description.capabilities.accounts = word == "accounts";
    while (text >> word) description.missing.push_back(word);
    description.company = "Contoso";
    co_return description;
  }
  asio::awaitable<Result<crm::Answers>> look(std::vector<crm::Question>, crm::Call) override {
    co_return crm::Answers{};
  }
  asio::awaitable<crm::Writes> put(std::vector<crm::Put>, crm::Call) override { co_return crm::Writes{}; }
  asio::awaitable<Result<crm::Recalled>> recall(crm::Put, Instant, crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }
  asio::awaitable<Result<Spent>> remove(ArtifactKind, std::string, crm::Call) override {
    co_return fail(Cause::Rejected, "unused");
  }

  std::string base;
  crm::TokenSource token;
  http::Client& client;
};

inline Result<crm::TokenOrRequest> fake_token_request(const Connection& connection,
                                                      const crm::Credentials& credentials) {
  if (credentials.api_token) return crm::lasting(*credentials.api_token);
  http::Request request;
  request.method = "POST";
  request.target = connection.url + "/token";
  request.body = std::string(credentials.client_secret.reveal());
  if (credentials.refresh_token) request.body += " " + std::string(credentials.refresh_token->reveal());
  return request;
}

inline Result<crm::Token> fake_read_token(const Connection&, const Result<http::Response>& answer) {
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == 400) return fail(Cause::NotAuthorized, "the sign-in was revoked");
  if (answer->status == 401) return fail(Cause::NoLease, "the application is not known");
  if (answer->status != 200) return fail(Cause::ServerError, "the sign-in is away");
  std::istringstream text(answer->body);
  std::string access;
  std::string refresh;
  int seconds = 0;
  text >> access >> seconds >> refresh;
  crm::Token token{Secret(access), std::chrono::seconds(seconds)};
  if (!refresh.empty()) token.refresh = Secret(refresh);
  return token;
}

inline const crm::Entry fake_entry{
    [](std::string_view pasted, crm::AddressRules) -> Result<std::string> { return std::string(pasted); },
    [](const Connection&, crm::AddressRules) -> Result<void> { return {}; }, fake_token_request,
    fake_read_token,
    [](const Connection& connection, crm::TokenSource token,
       http::Client& client) -> std::unique_ptr<crm::Connector> {
      return std::make_unique<FakeCrm>(connection.url, std::move(token), client);
    }};

}  // namespace aftercall::control
