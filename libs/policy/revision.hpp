#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "domain/failure.hpp"
#include "domain/revision.hpp"
#include "domain/tenant.hpp"

namespace aftercall {

// What a session says about its own state, and what the door adds.
struct Stated {
  std::optional<std::int64_t> number;
  std::optional<Instant> updated_at;
  Instant accepted_at{};
  std::string content_hash;
};

// The session's revision. A source states revisions of the one kind it is registered with, in every session:
// a number cannot be compared with a time, so anything else is refused (Malformed, names the field).
Result<Revision> revision_of(Revisions registered, const Stated& stated);

}  // namespace aftercall
