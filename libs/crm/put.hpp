#pragma once
#include <optional>
#include <string>
#include <vector>

#include "domain/failure.hpp"
#include "domain/instant.hpp"
#include "domain/match.hpp"
#include "domain/plan.hpp"

// What a session leaves in a CRM, and what became of it.
namespace aftercall::crm {

enum class Mode {
  Create,  // under our key; finding it there already is Written::Existed, never an overwrite
  Update,  // the record `id`; NotFound if it is gone
};

// One artifact with its text, ready to be sent.
struct Put {
  Mode mode = Mode::Create;
  std::string key;  // idempotency key, a UUID
  // For Update: the CRM's id. To recall a contact: that of the one we created, if it is known and shall be
  // looked at by itself where the list does not show it.
  std::string id;
  ArtifactKind kind = ArtifactKind::Note;
  Content content;       // notes and activities
  Person person;         // contacts
  std::string region{};  // contacts: how to read what the CRM holds in national format
  Occasion occasion;     // activities
  // Notes and activities. Where writes are keyed, `id` may be the id of a contact put earlier in this very
  // call.
  CrmRecord target;
  std::vector<CrmRecord> beside;
};

struct Written {
  enum class How { Created, Updated, Existed };
  std::string id;
  std::string link;
  How how = How::Created;
  std::optional<Instant> at;         // the CRM's clock
  std::string left_out{};            // which records beside it were refused, and why; the rest was written
  std::vector<CrmRecord> without{};  // those records; of what was recalled: those that it does not show
};

struct Writes {
  std::vector<Result<Written>> each;  // in the order of the puts: each stands or fails alone
  Spent spent;
  // One of its requests stayed unanswered and was sent again: the first may be carried out later than all of
  // them, even though each was answered.
  bool repeated = false;
};

// What is there of a put whose answer was lost.
struct Recalled {
  std::vector<Written> found;  // lowest id first; several: made twice, or a twin of somebody else's
  // Contacts bear no key. Ids of those found after the first that hold just what the put says, are our user's
  // and were never edited: what we sent, as far as can be told.
  std::vector<std::string> as_sent{};
  bool gone = false;  // the contact with the put's id is not there any more: deleted, or merged into another
  Spent spent;
};

}  // namespace aftercall::crm
