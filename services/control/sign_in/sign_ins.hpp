#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "bus/deadline.hpp"
#include "control/sign_in/vault.hpp"
#include "crm/connector.hpp"
#include "http/client.hpp"
#include "stage/clock.hpp"
#include "tenancy/directory.hpp"
#include "tenancy/held_lease.hpp"

namespace aftercall::control {

namespace asio = boost::asio;

// Access tokens: an API token as it is, or by signing in, one sign-in at a time for each connection, however
// many wait for it. A new refresh token is stored, and acked, before the access token that came with it is
// used: the old one may be worth nothing by then. One that could not be stored is kept and stored first next
// time.
class SignIns {
 public:
  struct Parts {
    asio::any_io_executor executor;
    stage::Clock& clock;
    http::Client& client;
    const Vault& vault;
    std::function<const crm::Entry*(std::string_view crm)> find;
    // Whether we are still the one that may refresh: somebody else's refresh would cost us ours.
    std::function<asio::awaitable<Result<void>>(bus::Deadline)> confirm;
    // Stores a connection's credentials in the place of those that were used; acked when it answers.
    std::function<asio::awaitable<Result<void>>(tenancy::ConnectionPtr, crm::Credentials used,
                                                crm::Credentials fresh)>
        store;
    // A sign-in was refused for a reason that waits for a person.
    std::function<asio::awaitable<void>(tenancy::ConnectionPtr, Failure)> refused;
  };
  explicit SignIns(Parts parts) : parts_(std::move(parts)) {}

  // `refused_lease` is empty or the id of a lease whose token the CRM answered 401 to.
  asio::awaitable<Result<tenancy::HeldLease>> lease(tenancy::ConnectionPtr connection,
                                                    std::string refused_lease);
  // The same for our own requests, by the token itself.
  asio::awaitable<Result<Secret>> token(tenancy::ConnectionPtr connection, Secret refused);

  // Uses the refresh token, so that it does not expire from lying idle; the access token that comes of it is
  // what is leased from now on. A sign-in that is under way already will do.
  asio::awaitable<Result<void>> refresh(tenancy::ConnectionPtr connection);

  // What is held is of no use any more: other credentials, another address, disconnected.
  void forget(const TenantId& tenant, const ConnectionId& connection);

  std::size_t requests() const { return requests_; }  // token requests so far

 private:
  struct Entry;
  Entry& entry_of(const Connection& connection);
  struct Got;
  asio::awaitable<Result<Got>> sign_in(tenancy::ConnectionPtr connection, std::shared_ptr<Entry> entry);
  asio::awaitable<Result<crm::Token>> ask(const crm::Entry* crm, tenancy::ConnectionPtr connection,
                                          http::Request request, bool refreshing);
  asio::awaitable<void> note_use(tenancy::ConnectionPtr connection, crm::Credentials used);
  asio::awaitable<void> renew(tenancy::ConnectionPtr connection, std::shared_ptr<Entry> entry);

  Parts parts_;
  std::map<std::pair<TenantId, ConnectionId>, std::shared_ptr<Entry>> entries_;
  std::size_t requests_ = 0;
};

}  // namespace aftercall::control
