#include "connector.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "address.hpp"
#include "answer.hpp"
#include "line.hpp"
#include "pace.hpp"
#include "putting.hpp"
#include "reading.hpp"
#include "recalling.hpp"
#include "refusal.hpp"
#include "request.hpp"
#include "rights.hpp"
#include "use.hpp"

namespace aftercall::crm::pipedrive {
namespace {

using std::chrono::steady_clock;

// A window of the burst limits and a little: so long a call waits for its turn. Anything longer is the
// lane's.
constexpr std::chrono::milliseconds short_wait{2'500};

// One call to the connector while it goes on.
struct Talk {
  Call call;
  Spent spent{};
  Secret refused{};  // a token that was answered 401; a call asks for another one once
  bool repeated = false;
};

struct Exchange {
  Result<http::Response> answer;
  bool undecided = false;  // no answer, and the request may have had its effect
  Talk talk;
};

// What ends a call: the next request would meet the same.
bool concerns_all(const Failure& failure) {
  switch (failure.cause) {
    case Cause::RateLimited:
    case Cause::NotAuthorized:
    case Cause::SetupIncomplete:
    case Cause::NoLease:
    case Cause::Unreachable:
    case Cause::Timeout:
      return true;
    default:
      return false;
  }
}

std::optional<Failure> what_ends_it(const Result<http::Response>& reply) {
  if (reply && reply->status < 300) return std::nullopt;
  auto failure = reply ? failure_of(*reply) : reply.error();
  return concerns_all(failure) ? std::optional(std::move(failure)) : std::nullopt;
}

// For what was not sent after something that concerns all.
Failure not_sent(Failure because) {
  if (because.cause == Cause::Timeout) because.cause = Cause::Unreachable;
  return because;
}

struct Answered {
  Result<Written> written;
  Talk talk;
};

class Pipedrive final : public Connector {
 public:
  Pipedrive(const Connection& connection, TokenSource token, http::Client& client)
      : base_(connection.url),
        bearer_(signs_in_by_oauth(connection)),
        pace_(daily_share(connection)),
        line_(pace_),
        token_(std::move(token)),
        client_(client) {}

  asio::awaitable<Result<Description>> describe(Call call) override;
  asio::awaitable<Result<Answers>> look(std::vector<Question> questions, Call call) override;
  asio::awaitable<Writes> put(std::vector<Put> puts, Call call) override;
  asio::awaitable<Result<Recalled>> recall(Put lost, Instant since, Call call) override;
  asio::awaitable<Result<Spent>> remove(ArtifactKind kind, std::string id, Call call) override;

 private:
  asio::awaitable<std::optional<Failure>> turn(Operation operation, steady_clock::time_point deadline);
  asio::awaitable<Answered> put_one(Put put, Talk talk);
  asio::awaitable<Exchange> send(Operation operation, Talk talk);
  asio::awaitable<Exchange> once(Operation operation, Talk talk);

  std::string base_;
  bool bearer_;
  Pace pace_;
  Line line_;
  TokenSource token_;
  http::Client& client_;
};

// Waits until the operation may go out, or answers why it may not for longer than a call should wait.
asio::awaitable<std::optional<Failure>> Pipedrive::turn(Operation operation,
                                                        steady_clock::time_point deadline) {
  const auto latest = operation.search ? deadline - Turns::an_answer : deadline;  // several go for one turn
  while (true) {
    const auto now = steady_clock::now();
    if (now >= deadline) co_return Failure{Cause::Unreachable, "no time left to ask Pipedrive", std::nullopt};
    const auto wait = pace_.take(operation, now);
    if (!wait) co_return std::nullopt;
    if (wait->time > short_wait || now + wait->time >= latest)
      co_return Failure{Cause::RateLimited, std::string(wait->why), wait->time};
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, wait->time);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<Exchange> Pipedrive::once(Operation operation, Talk talk) {
  Exchange exchange;
  exchange.talk = std::move(talk);
  const auto& call = exchange.talk.call;
  const auto held = co_await turn(operation, call.deadline);
  if (held) {
    exchange.answer = tl::unexpected(*held);
    co_return exchange;
  }
  auto token = co_await token_(exchange.talk.refused);
  if (!token) {
    exchange.answer = tl::unexpected(token.error());
    co_return exchange;
  }
  Sender sender{base_, bearer_, std::move(*token), call.traceparent, call.request_id};
  auto request = wrap(operation, sender);
  exchange.answer = co_await client_.send(std::move(request), call.deadline);
  if (!exchange.answer) {
    exchange.undecided = !http::nothing_was_sent(exchange.answer.error());
    if (exchange.undecided) exchange.talk.spent += {1, operation.tokens};
    co_return exchange;
  }
  exchange.talk.spent += {1, operation.tokens};
  exchange.talk.repeated |= exchange.answer->repeated;
  const auto now = steady_clock::now();
  pace_.heed(operation, *exchange.answer, now);
  if (exchange.answer->status == 401) exchange.talk.refused = sender.token;
  if (exchange.answer->status == 429 || shut_out(*exchange.answer)) {
    auto failure = failure_of(*exchange.answer);
    failure.retry_after = pace_.rest_after(operation, *exchange.answer, now);
    exchange.answer = tl::unexpected(std::move(failure));
  }
  co_return exchange;
}

// After a 401 nothing was done, so that the same is sent once more under another token.
asio::awaitable<Exchange> Pipedrive::send(Operation operation, Talk talk) {
  const bool may_renew = talk.refused.empty();
  auto exchange = co_await once(operation, std::move(talk));
  const bool refused = exchange.answer && exchange.answer->status == 401;
  if (!refused || !may_renew) co_return exchange;
  auto again = co_await once(std::move(operation), std::move(exchange.talk));
  co_return again;
}

asio::awaitable<Result<Description>> Pipedrive::describe(Call call) {
  Talk talk{std::move(call)};
  auto introduction = co_await send(who_am_i(), std::move(talk));
  const auto user = introduction.answer.and_then(read_user);
  talk = std::move(introduction.talk);
  if (!user) co_return fail_after(user.error(), talk.spent);
  std::vector<Result<http::Response>> replies;
  for (const auto probe : every_probe) {
    auto exchange = co_await send(operation_for(probe), std::move(talk));
    talk = std::move(exchange.talk);
    replies.push_back(std::move(exchange.answer));
    if (what_ends_it(replies.back())) break;
  }
  auto rights = read_rights(replies, truncate(std::chrono::system_clock::now()));
  if (!rights) co_return fail_after(rights.error(), talk.spent);
  Description description;
  description.account = CrmAccount("pipedrive:" + std::to_string(user->company));
  description.company = user->company_name.empty() ? company_in(base_) : user->company_name;
  description.capabilities = std::move(rights->capabilities);
  description.missing = std::move(rights->missing);
  description.spent = talk.spent;
  co_return description;
}

asio::awaitable<Result<Answers>> Pipedrive::look(std::vector<Question> questions, Call call) {
  Reading reading(std::move(questions), base_);
  Talk talk{std::move(call)};
  auto seat = line_.come(talk.call.deadline, reading.searches());
  auto end = co_await line_.turn(seat.place());
  if (end) reading.stop(*end);
  for (auto operation = reading.next(); operation; operation = reading.next()) {
    auto exchange = co_await send(std::move(*operation), std::move(talk));
    talk = std::move(exchange.talk);
    reading.absorb(exchange.answer);
    seat.left(reading.searches());
    end = what_ends_it(exchange.answer);
    if (!end) end = seat.too_late();
    if (end) reading.stop(*end);
  }
  Answers answers;
  answers.each = reading.finish();
  answers.spent = talk.spent;
  co_return answers;
}

asio::awaitable<Answered> Pipedrive::put_one(Put put, Talk talk) {
  Putting putting(std::move(put), base_);
  for (auto operation = putting.next(); operation; operation = putting.next()) {
    auto exchange = co_await send(std::move(*operation), std::move(talk));
    talk = std::move(exchange.talk);
    putting.absorb(exchange.answer, exchange.undecided);
  }
  co_return Answered{putting.finish(), std::move(talk)};
}

asio::awaitable<Writes> Pipedrive::put(std::vector<Put> puts, Call call) {
  Writes writes;
  Talk talk{std::move(call)};
  std::optional<Failure> ended;
  for (const auto& each : puts) {
    if (ended) {
      writes.each.emplace_back(tl::unexpected(not_sent(*ended)));
      continue;
    }
    auto answered = co_await put_one(each, std::move(talk));
    talk = std::move(answered.talk);
    if (!answered.written && concerns_all(answered.written.error())) ended = answered.written.error();
    writes.each.push_back(std::move(answered.written));
  }
  writes.spent = talk.spent;
  writes.repeated = talk.repeated;
  co_return writes;
}

asio::awaitable<Result<Recalled>> Pipedrive::recall(Put lost, Instant since, Call call) {
  Recalling recalling(std::move(lost), since, base_);
  Talk talk{std::move(call)};
  for (auto operation = recalling.next(); operation; operation = recalling.next()) {
    auto exchange = co_await send(std::move(*operation), std::move(talk));
    talk = std::move(exchange.talk);
    recalling.absorb(exchange.answer);
  }
  auto recalled = recalling.finish();
  if (!recalled) co_return fail_after(recalled.error(), talk.spent);
  recalled->spent = talk.spent;
  co_return recalled;
}

asio::awaitable<Result<Spent>> Pipedrive::remove(ArtifactKind kind, std::string id, Call call) {
  auto operation = removal_of(kind, id);
  if (!operation) co_return tl::unexpected(operation.error());
  Talk talk{std::move(call)};
  const auto person = kind == ArtifactKind::Contact ? id_in(id) : std::nullopt;
  const Failure in_use{Cause::Rejected, "the person is in use"};
  if (person) {
    auto signs = signs_of_use(*person);
    for (auto& sign : signs) {
      auto looked = co_await send(std::move(sign), std::move(talk));
      talk = std::move(looked.talk);
      const auto used = looked.answer.and_then(says_in_use);
      if (!used) co_return fail_after(used.error(), talk.spent);
      if (*used) co_return fail_after(in_use, talk.spent);
    }
  }
  auto exchange = co_await send(std::move(*operation), std::move(talk));
  if (!exchange.answer) co_return fail_after(exchange.answer.error(), exchange.talk.spent);
  if (!says_not_there(*exchange.answer)) {
    const auto gone = read_success(*exchange.answer);
    if (!gone) co_return fail_after(gone.error(), exchange.talk.spent);
  }
  co_return exchange.talk.spent;
}

}  // namespace

std::unique_ptr<Connector> make(const Connection& connection, TokenSource token, http::Client& client) {
  return std::make_unique<Pipedrive>(connection, std::move(token), client);
}

}  // namespace aftercall::crm::pipedrive
