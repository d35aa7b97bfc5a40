#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "domain/match.hpp"
#include "domain/plan.hpp"

namespace aftercall {

// Names a row of the ledger within its unit. "revision" is the unit's own row.
struct LedgerName {
  std::string kind;  // "contact", "note", "revision"
  std::string slot_hash;
  unsigned part = 0;
  auto operator<=>(const LedgerName&) const = default;
};

// What we sent and wrote under one idempotency key. The ledger is the writer's memory: before a put it says
// whether the record is there already, which record it is and what it holds.
struct LedgerRow {
  enum class State {
    Sent,             // a request went out and no answer came: what the record holds now is unknown
    Written,          // the record holds `content_hash`
    Failed,           // refused, or looked for and not found: nothing is there
    InDoubt,          // an unkeyed create was sent: may or may not be there
    Created,          // a guarded create's record exists, its guard has not looked again yet
    DeletedByPerson,  // stays deleted
  };
  LedgerName name;
  std::string key;  // the artifact's idempotency key
  State state = State::Sent;
  std::string crm_id;
  std::string link;
  CrmRecord target;
  CrmRecord deal;  // the first one that it was linked to, if any: it stays
  Revision revision;
  std::string content_hash;
  ConnectionId connection;
  std::optional<Instant> sent_at;  // of the last request that stayed unanswered, be it repeated since
  unsigned empty_looks = 0;
  std::optional<Instant> last_look;
  std::int64_t generation = 0;
  std::optional<LedgerName> same_as;  // an alias: the row that is the record
  Instant updated_at{};
};

}  // namespace aftercall
