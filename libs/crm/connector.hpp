#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "crm/put.hpp"
#include "crm/question.hpp"
#include "crm/sign_in.hpp"
#include "domain/capabilities.hpp"
#include "domain/failure.hpp"
#include "domain/id.hpp"
#include "domain/secret.hpp"
#include "domain/tenant.hpp"
#include "http/client.hpp"

// The contract of a CRM. A connector is one folder under connectors/; what differs between CRMs is told by
// data (Capabilities), never asked by name.
namespace aftercall::crm {

namespace asio = boost::asio;

// What one call may cost and who it is for. The trace goes into the CRM's request, the deadline bounds all of
// its requests together.
struct Call {
  std::chrono::steady_clock::time_point deadline;
  std::string traceparent;
  std::string request_id;  // names our try in the CRM's own logs
};

// Who are we there, what may we do, how much does it hold.
struct Description {
  CrmAccount account;
  std::string company;  // as a person knows it
  Capabilities capabilities;
  std::vector<std::string> missing;  // rights that will be needed and are not there
  Spent spent;
};

// A call that failed as a whole has cost something, too.
inline tl::unexpected<Failure> fail_after(Failure failure, const Spent& spent) {
  failure.spent = spent;
  return tl::unexpected(std::move(failure));
}

// What it has cost; a request, if it does not say.
inline Spent spent_in(const Failure& failure) { return failure.spent.value_or(Spent{1, 0}); }

class Connector {
 public:
  virtual ~Connector() = default;
  virtual asio::awaitable<Result<Description>> describe(Call call) = 0;
  // All questions of a session at once, so that a connector can batch them.
  virtual asio::awaitable<Result<Answers>> look(std::vector<Question> questions, Call call) = 0;
  virtual asio::awaitable<Writes> put(std::vector<Put> puts, Call call) = 0;
  // What is there of a create whose answer was lost, or of a person who may have been added since `since`: a
  // note or activity by its key, a contact by e-mail, else phone. Reads what is true now, never an index that
  // lags.
  virtual asio::awaitable<Result<Recalled>> recall(Put lost, Instant since, Call call) = 0;
  // Takes back what we made twice. A record that is gone already is no failure. A contact goes only while
  // nobody has edited it and nothing hangs on it: Rejected otherwise.
  virtual asio::awaitable<Result<Spent>> remove(ArtifactKind kind, std::string id, Call call) = 0;
};

// Answers a token that is valid now, or why there is none (NoLease, NotAuthorized). `refused` is empty, or a
// token of this source that the CRM has just answered 401 to: then another one is wanted, or NotAuthorized if
// there cannot be another. A connector asks so at most once a call.
using TokenSource = std::function<asio::awaitable<Result<Secret>>(Secret refused)>;

// One row of the catalog; each connector folder defines `entry`.
struct Entry {
  // The canonical base URL of what an admin pasted, or why it is none of this CRM's (guards against SSRF).
  Result<std::string> (*canonical_url)(std::string_view pasted, AddressRules rules);
  // Which settings a connection of this CRM must and may have: a missing or wrong one is named.
  Result<void> (*check_settings)(const Connection& connection, AddressRules rules);
  // The sign-in, pure: what gets a token, or SetupIncomplete naming the credentials that this connection's
  // kind of sign-in (one of its settings) lacks; and what the answer to a request means. NotAuthorized: a
  // person must connect again. SetupIncomplete: the connection's own settings or secret are wrong. NoLease:
  // the sign-in knows our application no longer; an operator is called and the connection stays as it is.
  Result<TokenOrRequest> (*token_request)(const Connection& connection, const Credentials& credentials);
  Result<Token> (*read_token)(const Connection& connection, const Result<http::Response>& answer);
  std::unique_ptr<Connector> (*make)(const Connection& connection, TokenSource token, http::Client& client);
};

struct Row {
  std::string_view name;
  const Entry* entry;
};
// Every connector folder, by name. Generated from the folder names at configure time.
const std::vector<Row>& catalog();
const Entry* find(std::string_view crm);

}  // namespace aftercall::crm
