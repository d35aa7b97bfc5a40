#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "domain/capabilities.hpp"
#include "domain/failure.hpp"
#include "domain/id.hpp"
#include "domain/match.hpp"
#include "domain/plan.hpp"
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
};

struct ContactsByEmail {
  std::vector<std::string> emails;  // normalised, distinct
};
struct ContactsByPhone {
  std::string e164;
  std::string region;  // how to read what the CRM holds in national format
};
struct AppointmentAt {
  std::string join_url;
  Instant start;
};
using Question = std::variant<ContactsByEmail, ContactsByPhone, AppointmentAt>;

// A contact as the CRM holds it; active ones only.
struct FoundContact {
  CrmRecord record;
  std::string email;                // normalised
  std::vector<std::string> phones;  // E.164, those that could be read
  Instant created_on{};
  std::optional<CrmRecord> account;
};
// Contacts answer to the question that found them, each with the e-mail or phone that did; appointments are
// plain records. An answer fails alone: a table that this account does not have is no reason to leave the
// rest unanswered.
struct Answer {
  std::vector<FoundContact> contacts;
  std::vector<CrmRecord> appointments;
  std::size_t inactive = 0;  // how many would have answered, were they active
  std::map<std::string, std::size_t> inactive_by_email;  // the same, for each e-mail of ContactsByEmail
};

struct Answers {
  std::vector<Result<Answer>> each;  // in the order of the questions
  int requests = 0;                  // HTTP requests that it took
};

enum class Mode {
  Create,  // under our key; finding it there already is Written::Existed, never an overwrite
  Update,  // the record `id`; NotFound if it is gone
};

// One artifact with its text, ready to be sent.
struct Put {
  Mode mode = Mode::Create;
  std::string key;  // idempotency key, a UUID
  std::string id;   // for Update: the CRM's id
  ArtifactKind kind = ArtifactKind::Note;
  Content content;   // notes
  Person person;     // contacts
  CrmRecord target;  // notes; `id` may be the id of a contact put earlier in this very call
};

struct Written {
  enum class How { Created, Updated, Existed };
  std::string id;
  std::string link;
  How how = How::Created;
  std::optional<Instant> at;  // the CRM's clock
};

struct Writes {
  std::vector<Result<Written>> each;  // in the order of the puts: each stands or fails alone
  int requests = 0;
};

class Connector {
 public:
  virtual ~Connector() = default;
  virtual asio::awaitable<Result<Description>> describe(Call call) = 0;
  // All questions of a session at once, so that a connector can batch them.
  virtual asio::awaitable<Result<Answers>> look(std::vector<Question> questions, Call call) = 0;
  virtual asio::awaitable<Writes> put(std::vector<Put> puts, Call call) = 0;
  // Before a put whose answer was lost is repeated: is there a record with this key at this target?
  virtual asio::awaitable<Result<std::optional<Written>>> recall(Put lost, Call call) = 0;
};

// Answers a token that is valid now, or why there is none (NoLease, NotAuthorized).
using TokenSource = std::function<asio::awaitable<Result<Secret>>()>;

struct Token {
  Secret access;
  std::chrono::seconds expires_in{0};
  std::optional<Secret> refresh;
};

// What a connection's credentials are, as an admin gave them. Only control ever holds one.
struct Credentials {
  std::string client_id;
  Secret client_secret;
  std::optional<Secret> refresh_token;
};

// Loopback addresses and plain http serve tests and demos only, by an explicit setting.
struct AddressRules {
  bool allow_loopback = false;
};

// One row of the catalog; each connector folder defines `entry`.
struct Entry {
  // The canonical base URL of what an admin pasted, or why it is none of this CRM's (guards against SSRF).
  Result<std::string> (*canonical_url)(std::string_view pasted, AddressRules rules);
  // Which settings a connection of this CRM must and may have: a missing or wrong one is named.
  Result<void> (*check_settings)(const Connection& connection, AddressRules rules);
  // The sign-in, pure: the request that gets a token, and what its answer means.
  http::Request (*token_request)(const Connection& connection, const Credentials& credentials);
  Result<Token> (*read_token)(const Result<http::Response>& answer);
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
