#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "domain/capabilities.hpp"
#include "domain/id.hpp"
#include "domain/instant.hpp"
#include "domain/spent.hpp"

namespace aftercall {

// A record in the CRM. `type` is our word: contact, account, appointment, deal, note.
struct CrmRecord {
  std::string type;
  std::string id;
  std::string name;
  std::string link;
  bool operator==(const CrmRecord&) const = default;
};

// One thing that was asked of the CRM, and what it answered; never an address or a name.
struct Lookup {
  std::string question;
  std::string answer;
};

// What was not done, though it could have been, and why.
struct LeftOut {
  std::string what;
  std::string reason;
};

struct ParticipantMatch {
  std::size_t participant = 0;  // index in the session's participants
  std::string identity;  // normalised e-mail, else E.164: the slot of what is written for this participant
  std::vector<CrmRecord> candidates;
  std::optional<CrmRecord> contact;
  std::optional<CrmRecord> account;
  std::vector<CrmRecord> also;  // policy "all": the other contacts that get the record, too
  bool create = false;          // an intent: the writer creates the contact
  Instant looked_at{};          // with create: when nobody was found
  bool ambiguous = false;
  std::string rule;    // which rule decided
  std::string reason;  // why there is no contact
  std::vector<Lookup> lookups;
};

// Who of a session is who in one CRM account.
struct Matched {
  CrmAccount account;
  ConnectionId connection;
  Capabilities capabilities;
  std::int64_t config_version = 0;
  std::vector<ParticipantMatch> participants;
  std::optional<CrmRecord> appointment;
  std::optional<CrmRecord> deal;
  bool own_deal = false;  // it is the one that the session names, not one of its person's
  std::vector<LeftOut> left_out;
  std::vector<Lookup> lookups;  // of the session as a whole
  Spent spent;
};

}  // namespace aftercall
