#include "control/sign_ins.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "control/seal.hpp"
#include "telemetry/log.hpp"

namespace aftercall::control {
namespace {

using tenancy::HeldLease;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds one_sign_in{10'000};
constexpr std::chrono::milliseconds rest_after_failure{1'000};
// A token that is refused this soon after another was is not unlucky: the CRM does not accept this sign-in.
constexpr std::chrono::seconds too_soon{30};

}  // namespace

struct SignIns::Entry {
  explicit Entry(const asio::any_io_executor& executor)
      : done(executor, asio::steady_timer::time_point::max()) {}
  std::optional<HeldLease> held;
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

asio::awaitable<Result<HeldLease>> SignIns::sign_in(tenancy::ConnectionPtr connection) {
  const crm::Entry* const crm = parts_.find(connection->crm);
  if (crm == nullptr)
    co_return fail(Cause::NeedsNewerStage, "this release of control has no connector for " + connection->crm);
  Result<crm::Credentials> credentials = parts_.vault.credentials(connection->tenant, connection->id);
  if (!credentials) co_return fail(Cause::SetupIncomplete, credentials.error().detail);
  const auto asked = Clock::now();
  ++requests_;
  http::Request request = crm->token_request(*connection, *credentials);
  const Result<http::Response> answer = co_await parts_.client.send(std::move(request), asked + one_sign_in);
  const Result<crm::Token> token = crm->read_token(answer);
  if (!token) co_return tl::unexpected(token.error());
  if (token->refresh && !(token->refresh == credentials->refresh_token)) {
    credentials->refresh_token = token->refresh;
    const Result<void> stored = co_await parts_.store(connection, *credentials);
    if (!stored) co_return tl::unexpected(stored.error());
  }
  co_return tenancy::held_from(hex_of(random_bytes(8)), token->access, asked, token->expires_in);
}

asio::awaitable<void> SignIns::renew(tenancy::ConnectionPtr connection, std::shared_ptr<Entry> entry) {
  entry->busy = true;
  entry->forgotten = false;
  Result<HeldLease> lease = co_await sign_in(connection);
  entry->busy = false;
  entry->last.reset();
  if (entry->forgotten) {
    entry->last = Failure{Cause::NoLease, "the connection was changed meanwhile; try again"};
  } else if (lease) {
    entry->held = std::move(*lease);
  } else {
    entry->last = lease.error();
    entry->not_before = Clock::now() + lease.error().retry_after.value_or(rest_after_failure);
    log::warn("sign_in.failed", {{"tenant", connection->tenant},
                                 {"connection", connection->id},
                                 {"cause", lease.error().cause},
                                 {"why", lease.error().detail}});
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

asio::awaitable<Result<Secret>> SignIns::token(tenancy::ConnectionPtr connection, Secret refused) {
  const Entry& entry = entry_of(*connection);
  std::string refused_lease;
  if (!refused.empty() && entry.held && entry.held->token == refused) refused_lease = entry.held->id;
  const Result<HeldLease> held = co_await lease(connection, refused_lease);
  if (!held) co_return tl::unexpected(held.error());
  co_return held->token;
}

}  // namespace aftercall::control
