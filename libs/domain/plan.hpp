#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/id.hpp"
#include "domain/match.hpp"
#include "domain/session.hpp"

namespace aftercall {

enum class ArtifactKind { Contact, Note, Activity };

// A text, finished and cut for the account it goes to. Each stands once in a plan; artifacts refer to it.
struct Content {
  std::string title;
  std::string html;
  std::string link;  // where the whole can be read; kept when the text must be cut once more
};

struct Person {
  std::string name;
  std::string email;
  std::string phone;
  Instant looked_at{};  // when nobody had this e-mail or phone: who was added since may be this person
};

// What an activity says beside its text.
struct Occasion {
  std::string type;  // the key of the CRM's activity type
  Instant start{};
  std::chrono::minutes duration{0};
  bool assumed = false;  // the session says neither when it began nor when it ended: start is when it came
};

// Another slot that an artifact serves: two participants who are one contact leave one note.
struct Alias {
  std::string key;
  std::string slot;
};

// What the artifact hangs on: a record that exists, or an earlier artifact of the same plan by its key.
struct Target {
  std::optional<CrmRecord> record;
  std::string artifact;
  bool operator==(const Target&) const = default;
};

struct Artifact {
  std::string key;  // idempotency key, a UUID (policy/keys.hpp)
  ArtifactKind kind = ArtifactKind::Note;
  std::string slot;
  unsigned part = 0;
  std::vector<Alias> aliases;
  Target target;               // notes and activities
  std::vector<Target> beside;  // the other records that show it: a note's deal, an activity's other people
  bool own_deal = false;       // that deal is the one that the session names, not one of its person's
  std::size_t content = 0;     // notes and activities: index in the plan's contents
  Person person;               // contacts
  Occasion occasion;           // activities
  bool main = false;           // when this fails for good, the unit is dead
};

// Everything that shall be in one CRM account for one session, in the order of writing.
struct Plan {
  SessionKey session;
  Revision revision;
  CrmAccount account;
  ConnectionId connection;
  std::vector<Content> contents;
  std::vector<Artifact> artifacts;
  std::vector<LeftOut> left_out;
  std::optional<Instant> ended_at;
  Spent spent;  // so far
};

}  // namespace aftercall
