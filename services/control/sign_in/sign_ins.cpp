#include "control/sign_in/sign_ins.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "control/sign_in/seal.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace aftercall::control {
namespace {

using tenancy::HeldLease;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds one_sign_in{10'000};
constexpr std::chrono::milliseconds rest_after_failure{1'000};
constexpr std::chrono::minutes rest_after_alarm{1};
// A token that is refused this soon after another was is not unlucky: the CRM does not accept this sign-in.
constexpr std::chrono::seconds too_soon{30};
constexpr std::chrono::hours between_notes{24};

std::chrono::milliseconds rest_after(const Failure& failure) {
  const std::chrono::milliseconds usual =
      failure.cause == Cause::NoLease ? rest_after_alarm : rest_after_failure;
  return failure.retry_after.value_or(usual);
}

// The sign-in refuses our application: no tenant's doing, and none is told to connect again.
void call_an_operator(const Connection& connection, const Failure& failure) {
  telemetry::count("aftercall_application_refused_total",
                   "Sign-ins that refused our application itself; an operator must look.",
                   {{"crm", connection.crm}});
  log::error("sign_in.application_refused",
             {{"crm", connection.crm}, {"connection", connection.id}, {"why", failure.detail}});
}

}  // namespace

struct SignIns::Got {
  HeldLease lease;
  bool lasting = false;  // an admin's API token: there is no other
};

struct SignIns::Entry {
  explicit Entry(const asio::any_io_executor& executor)
      : done(executor, asio::steady_timer::time_point::max()) {}
  std::optional<HeldLease> held;
  bool lasting = false;  // of `held`
  struct Unstored {
    crm::Credentials used;
    crm::Credentials fresh;
    HeldLease lease;
    std::optional<Failure> useless;  // the lease; what came with it is stored all the same
  };
  std::optional<Unstored> unstored;  // answered to us alone, and the old one may be worth nothing
  bool busy = false;
  bool forgotten = false;  // while busy: what comes back is of no use
  std::optional<Failure> last;
  Clock::time_point not_before{};
  std::optional<Clock::time_point> last_refusal;
  asio::steady_timer done;  // never due; cancelled to wake who waits
};

SignIns::Entry& SignIns::entry_of(const Connection& connection) {
  auto& entry = entries_[{connection.tenant, connection.id}];
  if (!entry) entry = std::make_shared<Entry>(parts_.executor);
  return *entry;
}

void SignIns::forget(const TenantId& tenant, const ConnectionId& connection) {
  const auto at = entries_.find({tenant, connection});
  if (at == entries_.end()) return;
  at->second->forgotten = at->second->busy;
  at->second->held.reset();
  at->second->last.reset();
  at->second->last_refusal.reset();
  at->second->not_before = {};
}

asio::awaitable<Result<crm::Token>> SignIns::ask(const crm::Entry* crm, tenancy::ConnectionPtr connection,
                                                 http::Request request, bool refreshing) {
  const auto deadline = Clock::now() + one_sign_in;
  if (refreshing) {
    const Result<void> ours = co_await parts_.confirm(deadline);
    if (!ours) co_return tl::unexpected(ours.error());
  }
  ++requests_;
  const Result<http::Response> answer = co_await parts_.client.send(std::move(request), deadline);
  co_return crm->read_token(*connection, answer);
}

asio::awaitable<Result<SignIns::Got>> SignIns::sign_in(tenancy::ConnectionPtr connection,
                                                       std::shared_ptr<Entry> entry) {
  const crm::Entry* const crm = parts_.find(connection->crm);
  if (crm == nullptr)
    co_return fail(Cause::NeedsNewerStage, "this release of control has no connector for " + connection->crm);
  const Result<crm::Credentials> used = parts_.vault.credentials(connection->tenant, connection->id);
  if (!used) co_return fail(Cause::SetupIncomplete, used.error().detail);
  const bool kept = entry->unstored && entry->unstored->used == *used;
  if (!kept) {
    entry->unstored.reset();
    Result<crm::TokenOrRequest> way = crm->token_request(*connection, *used);
    if (!way) co_return tl::unexpected(way.error());
    const auto asked = Clock::now();
    if (const auto* const lasting = std::get_if<crm::Token>(&*way))
      co_return Got{tenancy::held_from(hex_of(random_bytes(8)), lasting->access, asked, lasting->expires_in),
                    true};
    http::Request request = std::get<http::Request>(std::move(*way));
    const Result<crm::Token> token =
        co_await ask(crm, connection, std::move(request), used->refresh_token.has_value());
    if (!token && token.error().cause == Cause::NoLease) call_an_operator(*connection, token.error());
    if (!token) co_return tl::unexpected(token.error());
    HeldLease lease = tenancy::held_from(hex_of(random_bytes(8)), token->access, asked, token->expires_in);
    const bool as_before = !token->refresh || token->refresh == used->refresh_token;
    if (as_before && token->useless) co_return tl::unexpected(*token->useless);
    if (as_before) {
      co_await note_use(connection, *used);
      co_return Got{std::move(lease)};
    }
    crm::Credentials fresh = *used;
    fresh.refresh_token = token->refresh;
    entry->unstored.emplace(Entry::Unstored{*used, std::move(fresh), std::move(lease), token->useless});
  }
  const Result<void> stored = co_await parts_.store(connection, *used, entry->unstored->fresh);
  if (!stored) co_return tl::unexpected(stored.error());
  Got got{std::move(entry->unstored->lease)};
  const auto useless = entry->unstored->useless;
  entry->unstored.reset();
  if (useless) co_return tl::unexpected(*useless);
  co_return got;
}

// A refresh token that stays the same is stored again now and then: its record's time tells, to every later
// owner, when it was used last. Should that fail, it is used once more than needed.
asio::awaitable<void> SignIns::note_use(tenancy::ConnectionPtr connection, crm::Credentials used) {
  if (!used.refresh_token) co_return;
  const auto stored = parts_.vault.stored_at(connection->tenant, connection->id);
  if (stored && truncate(parts_.clock.wall()) - *stored < between_notes) co_return;
  const Result<void> noted = co_await parts_.store(connection, used, used);
  if (!noted)
    log::warn("sign_in.use_not_noted", {{"connection", connection->id}, {"why", noted.error().detail}});
}

asio::awaitable<void> SignIns::renew(tenancy::ConnectionPtr connection, std::shared_ptr<Entry> entry) {
  entry->busy = true;
  entry->forgotten = false;
  Result<Got> got = co_await sign_in(connection, entry);
  entry->busy = false;
  entry->last.reset();
  if (entry->forgotten) {
    entry->last = Failure{Cause::NoLease, "the connection was changed meanwhile; try again"};
  } else if (got) {
    entry->held = std::move(got->lease);
    entry->lasting = got->lasting;
  } else {
    entry->last = got.error();
    entry->not_before = Clock::now() + rest_after(got.error());
    log::warn("sign_in.failed", {{"tenant", connection->tenant},
                                 {"connection", connection->id},
                                 {"cause", got.error().cause},
                                 {"why", got.error().detail}});
  }
  entry->done.cancel();
  const bool blocked = entry->last && kind_of(entry->last->cause) == Kind::Blocked;
  if (blocked) co_await parts_.refused(connection, *entry->last);
}

asio::awaitable<Result<HeldLease>> SignIns::lease(tenancy::ConnectionPtr connection,
                                                  std::string refused_lease) {
  entry_of(*connection);
  const std::shared_ptr<Entry> entry = entries_.at({connection->tenant, connection->id});
  if (entry->held && !refused_lease.empty() && entry->held->id == refused_lease) {
    if (entry->lasting) {
      Failure failure{Cause::NotAuthorized, "the CRM refuses the API token; give another one"};
      co_await parts_.refused(connection, failure);
      co_return tl::unexpected(failure);
    }
    const auto before = std::exchange(entry->last_refusal, Clock::now());
    entry->held.reset();
    if (before && Clock::now() - *before < too_soon) {
      Failure failure{Cause::NotAuthorized,
                      "the CRM refuses access tokens that were just issued; connect again"};
      co_await parts_.refused(connection, failure);
      co_return tl::unexpected(failure);
    }
  }
  if (use_of(entry->held, Clock::now()) == tenancy::Use::AsItIs) co_return *entry->held;
  if (entry->busy) {
    boost::system::error_code woken;
    co_await entry->done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  } else if (Clock::now() >= entry->not_before) {
    co_await renew(connection, entry);
  }
  if (use_of(entry->held, Clock::now()) != tenancy::Use::NotAtAll) co_return *entry->held;
  co_return tl::unexpected(
      entry->last.value_or(Failure{Cause::NoLease, "no access token was got; try again"}));
}

asio::awaitable<Result<void>> SignIns::refresh(tenancy::ConnectionPtr connection) {
  entry_of(*connection);
  const std::shared_ptr<Entry> entry = entries_.at({connection->tenant, connection->id});
  if (entry->busy) {
    boost::system::error_code woken;
    co_await entry->done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  } else if (Clock::now() >= entry->not_before) {
    co_await renew(connection, entry);
  }
  if (entry->last) co_return tl::unexpected(*entry->last);
  co_return Result<void>();
}

asio::awaitable<Result<Secret>> SignIns::token(tenancy::ConnectionPtr connection, Secret refused) {
  const Entry& entry = entry_of(*connection);
  std::string refused_lease;
  if (!refused.empty() && entry.held && entry.held->token == refused) refused_lease = entry.held->id;
  const Result<HeldLease> held = co_await lease(connection, refused_lease);
  if (!held) co_return tl::unexpected(held.error());
  co_return held->token;
}

}  // namespace aftercall::control
