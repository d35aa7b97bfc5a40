#pragma once
#include <optional>
#include <string>

#include "domain/failure.hpp"
#include "domain/id.hpp"
#include "domain/instant.hpp"
#include "domain/record.hpp"

namespace aftercall::control {

// What is known of one record of event.deferred, without the event that waits in it: of those there may be a
// hundred thousand.
struct Deferral {
  std::string key;  // its own, on event.deferred
  Position at;
  TenantId tenant;
  CrmAccount unit;      // empty: the event as a whole
  std::string session;  // the waiting event's key: tenant/source/session
  std::string stage;
  Kind kind = Kind::Blocked;
  std::string cause;  // a word; that of a newer release, too
  std::string detail;
  Instant deferred_at{};
  Instant first_deferred{};
  std::optional<Instant> not_before{};
  int attempt = 1;
  int tries = 0;
  Position origin;
  std::string wanted_by;  // the person who asked for its release or gave it up; empty = nobody
  bool discarded = false;

  bool operator==(const Deferral&) const = default;
  // Whose turn it is when it is released: an account's, or its tenant's while it has none.
  std::string turn() const;
};

// Nothing for a tombstone. What cannot be read is dead and known by its key alone: it must end some day, too,
// for it may hold personal data.
std::optional<Deferral> deferral_in(const Record& record);

}  // namespace aftercall::control
