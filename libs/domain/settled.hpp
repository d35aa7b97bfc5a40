#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "domain/failure.hpp"
#include "domain/match.hpp"
#include "domain/plan.hpp"
#include "domain/session.hpp"

namespace aftercall {

// How one artifact stands, for the outcome and for a deferral. Slots as keyed hashes: no address leaves here.
struct ArtifactState {
  enum class State {
    Written,
    Updated,
    AlreadyThere,
    LeftOut,
    Failed,
    InDoubt,
    Waiting,
    Blocked,
    DeletedByPerson
  };
  std::string key;
  ArtifactKind kind = ArtifactKind::Note;
  std::string slot_hash;
  unsigned part = 0;
  State state = State::Waiting;
  std::string reason;  // why left out; cause and detail when it failed or waits
  CrmRecord target;
  std::vector<CrmRecord> beside;  // the other records that show it
  std::string crm_id;
  std::string link;
  bool main = false;
};

// Why a stage decided as it did. Participants by number, never by address.
struct Evidence {
  std::optional<std::size_t> participant;
  std::string found;
  std::vector<Lookup> lookups;
};

// How a unit ended. The runner adds who says so, which attempt it was and when.
struct Settled {
  SessionKey session;
  Revision revision;
  CrmAccount account;  // empty: the session ended before it had one
  ConnectionId connection;
  std::string reason;  // a short word for counting: "written", "internal only", "no contact", "superseded", …
  std::string detail;  // a sentence for a person
  std::vector<ArtifactState> artifacts;
  std::vector<LeftOut> left_out;
  std::vector<Evidence> evidence;
  Spent spent;
};

}  // namespace aftercall
