#include "connector.hpp"

#include <cstddef>
#include <utility>

#include "address.hpp"
#include "answer.hpp"
#include "envelope.hpp"
#include "reading.hpp"
#include "request.hpp"
#include "rights.hpp"
#include "writing.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

struct Exchange {
  Result<http::Response> answer;
  int requests = 0;
  bool repeated = false;
};

// What came of some operations. `stopped`: a request failed as a whole, so that nothing was sent after it.
struct Replies {
  std::vector<Result<http::Response>> each;  // one an operation; fewer if they were to stop and did
  std::optional<Failure> stopped;
  int requests = 0;
  bool repeated = false;
};

bool stopped_there(const std::vector<http::Response>& answers, std::size_t asked) {
  return answers.size() < asked && !answers.empty() && answers.back().status >= 400;
}

// The answers to the operations of one request; fewer than were asked for leave the rest unanswered.
void take(Replies& replies, std::vector<http::Response> answers, std::size_t asked) {
  const auto whole = replies.each.size() + asked;
  for (auto& answer : answers) replies.each.emplace_back(std::move(answer));
  while (replies.each.size() < whole)
    replies.each.emplace_back(
        fail(Cause::ServerError, "Dynamics 365 gave fewer answers than it was asked questions"));
}

std::vector<Operation> some_of(const std::vector<Operation>& operations, std::size_t first,
                               std::size_t count) {
  const auto begin = operations.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

class Dataverse final : public Connector {
 public:
  Dataverse(const Connection& connection, TokenSource token, http::Client& client)
      : base_(connection.url),
        // Before the account was described, nobody knows better.
        with_accounts_(connection.capabilities.accounts || connection.capabilities.read_at == Instant{}),
        token_(std::move(token)),
        client_(client) {}

  asio::awaitable<Result<Description>> describe(Call call) override;
  asio::awaitable<Result<Answers>> look(std::vector<Question> questions, Call call) override;
  asio::awaitable<Writes> put(std::vector<Put> puts, Call call) override;
  asio::awaitable<Result<Recalled>> recall(Put lost, Instant since, Call call) override;
  asio::awaitable<Result<Spent>> remove(ArtifactKind kind, std::string id, Call call) override;

 private:
  asio::awaitable<Exchange> exchange(std::vector<Operation> operations, Call call, OnFailure on_failure);
  asio::awaitable<Replies> send(std::vector<Operation> operations, Call call,
                                OnFailure on_failure = OnFailure::GoOn);

  std::string base_;
  bool with_accounts_;
  TokenSource token_;
  http::Client& client_;
};

// One request. After a 401 nothing was done, so that the same is sent once more under another token.
asio::awaitable<Exchange> Dataverse::exchange(std::vector<Operation> operations, Call call,
                                              OnFailure on_failure) {
  Exchange exchange;
  Sender sender{service_root_of(base_), Secret(), call.traceparent, call.request_id};
  while (true) {
    auto token = co_await token_(sender.token);
    if (!token) {
      exchange.answer = tl::unexpected(token.error());
      break;
    }
    sender.token = std::move(*token);
    auto request = wrap(operations, sender, on_failure);
    exchange.answer = co_await client_.send(std::move(request), call.deadline);
    ++exchange.requests;
    exchange.repeated |= exchange.answer && exchange.answer->repeated;
    if (!exchange.answer || exchange.answer->status != 401 || exchange.requests == 2) break;
  }
  co_return exchange;
}

// In as few requests as may be. What failed as a whole failed for each of its operations.
asio::awaitable<Replies> Dataverse::send(std::vector<Operation> operations, Call call, OnFailure on_failure) {
  Replies replies;
  while (replies.each.size() < operations.size() && !replies.stopped) {
    const auto count = fitting(operations, replies.each.size());
    auto some = some_of(operations, replies.each.size(), count);
    auto exchanged = co_await exchange(std::move(some), call, on_failure);
    replies.requests += exchanged.requests;
    replies.repeated |= exchanged.repeated;
    auto parts = exchanged.answer.and_then([&](const http::Response& whole) { return unwrap(whole, count); });
    if (!parts) {
      replies.stopped = parts.error();
    } else if (on_failure == OnFailure::Stop && stopped_there(*parts, count)) {
      for (auto& part : *parts) replies.each.emplace_back(std::move(part));
      co_return replies;
    } else {
      take(replies, std::move(*parts), count);
    }
  }
  while (replies.each.size() < operations.size()) replies.each.emplace_back(tl::unexpected(*replies.stopped));
  co_return replies;
}

asio::awaitable<Result<Description>> Dataverse::describe(Call call) {
  std::vector<Operation> first(1, who_am_i());
  auto introduction = co_await send(std::move(first), call);
  const auto identity = introduction.each.front().and_then(read_identity);
  Spent spent{introduction.requests, 0};
  if (!identity) co_return fail_after(identity.error(), spent);
  std::vector<Operation> probes;
  probes.reserve(every_probe.size());
  for (const auto probe : every_probe) probes.push_back(operation_for(probe, identity->user));
  auto replies = co_await send(std::move(probes), call);
  auto rights = read_rights(replies.each, truncate(std::chrono::system_clock::now()));
  spent.requests += replies.requests;
  if (!rights) co_return fail_after(rights.error(), spent);
  Description description;
  description.account = CrmAccount("dynamics365:" + identity->organisation);
  description.company = company_in(base_);
  description.capabilities = std::move(rights->capabilities);
  description.missing = std::move(rights->missing);
  description.spent = spent;
  co_return description;
}

asio::awaitable<Result<Answers>> Dataverse::look(std::vector<Question> questions, Call call) {
  Reading reading(std::move(questions), with_accounts_, base_);
  Answers answers;
  for (auto operations = reading.next(); !operations.empty(); operations = reading.next()) {
    auto replies = co_await send(std::move(operations), call);
    answers.spent += {replies.requests, 0};
    if (replies.stopped) co_return tl::unexpected(*replies.stopped);
    reading.absorb(replies.each);
  }
  answers.each = reading.finish();
  co_return answers;
}

asio::awaitable<Writes> Dataverse::put(std::vector<Put> puts, Call call) {
  Writing writing(std::move(puts), base_);
  Writes writes;
  for (auto round = writing.next(); !round.operations.empty(); round = writing.next()) {
    auto replies = co_await send(std::move(round.operations), call, round.on_failure);
    writes.spent += {replies.requests, 0};
    writes.repeated |= replies.repeated;
    writing.absorb(replies.each);
  }
  writes.each = writing.finish();
  co_return writes;
}

// By its key, so that `since` is not needed.
asio::awaitable<Result<Recalled>> Dataverse::recall(Put lost, Instant, Call call) {
  std::vector<Operation> operations(1, recall_of(lost));
  auto replies = co_await send(std::move(operations), call);
  const auto& reply = replies.each.front();
  if (!reply) co_return tl::unexpected(reply.error());
  auto written = read_recalled(lost, *reply, base_);
  if (!written) co_return tl::unexpected(written.error());
  Recalled recalled;
  if (*written) recalled.found.push_back(std::move(**written));
  recalled.spent.requests = replies.requests;
  co_return recalled;
}

// Keyed creates leave no twins.
asio::awaitable<Result<Spent>> Dataverse::remove(ArtifactKind, std::string, Call) {
  co_return fail(Cause::Rejected, "nothing is ever made twice here, so nothing is removed");
}

}  // namespace

std::unique_ptr<Connector> make(const Connection& connection, TokenSource token, http::Client& client) {
  return std::make_unique<Dataverse>(connection, std::move(token), client);
}

}  // namespace aftercall::crm::dynamics365
