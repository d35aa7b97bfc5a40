#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "control/configuration/changes.hpp"
#include "control/sign_in/sign_ins.hpp"

namespace aftercall::control {

// What a connection is looked at for. A person's occasions let go what is blocked, also where nothing has
// changed that can be seen: some CRMs tell of a right to write only by refusing a write.
enum class Occasion {
  Upkeep,   // control's own
  Probe,    // a person has mended something; with the sign-in at hand, as is the upkeep
  Connect,  // a person connects: by a new sign-in, whatever is held
};

struct Connected {
  tenancy::ConnectionPtr connection;  // as it is now
  std::string company;
  std::vector<std::string> missing;
};

// Connects: signs in, asks the CRM who we are, and writes down what came of it. What it lent its names to
// outlives it.
class Connecting {
 public:
  struct Parts {
    http::Client& client;  // its own: stop() closes it
    const tenancy::Directory& directory;
    const Vault& vault;
    Changes& changes;
    SignIns& sign_ins;
    std::function<const crm::Entry*(std::string_view crm)> find;
  };
  explicit Connecting(Parts parts) : parts_(std::move(parts)) {}

  // NotFound for a connection that is not there, Rejected for a mere look at one that was disconnected; a
  // failure when the CRM or its sign-in was away.
  asio::awaitable<Result<Connected>> connect(TenantId tenant, ConnectionId id, Occasion occasion,
                                             std::string who, bus::Deadline deadline);
  asio::awaitable<Result<Connected>> disconnect(TenantId tenant, ConnectionId id, std::string who,
                                                bus::Deadline deadline);

  // Looks again, within half a minute.
  asio::awaitable<void> probe(tenancy::ConnectionPtr connection);

  // Nobody waits any more for what a CRM is asked now: it ends at once, and changes nothing. A sign-in goes
  // on, for a refresh token may come of it.
  void stop();

  // For SignIns.
  asio::awaitable<void> note_refusal(tenancy::ConnectionPtr connection, Failure why);
  // NoLease, and nothing written, when others than `used` are stored meanwhile.
  asio::awaitable<Result<void>> store(tenancy::ConnectionPtr connection, crm::Credentials used,
                                      crm::Credentials fresh);

 private:
  // Called in the change's turn with the connection as it is then. Rejected when what `before` was found to
  // be says nothing about it any more.
  using Change = std::function<Result<Connection>(const Connection& current)>;
  asio::awaitable<Result<void>> update(tenancy::ConnectionPtr before, Change change, std::string action,
                                       std::string who, bus::Deadline deadline);

  Parts parts_;
  bool stopping_ = false;
};

}  // namespace aftercall::control
