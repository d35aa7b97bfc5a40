#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aftercall/events/v1/session_finished.pb.h"
#include "domain/id.hpp"
#include "domain/instant.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

// What the door looks at in a session before it takes it.
struct Told {
  std::string session_id;
  std::optional<std::int64_t> revision;
  std::optional<Instant> updated_at;
  std::vector<std::string> phones;  // one for each participant, as given; empty where there is none
};
Told told_by(const v1::Session& session);

// What the door adds.
struct Acceptance {
  TenantId tenant;
  SourceId source;
  Instant at{};
  std::string content_hash;
  std::vector<std::string> phones;  // E.164, one for each participant; empty where none could be read
};
std::string session_finished(v1::Session session, const Acceptance& acceptance);  // the record's value

}  // namespace aftercall::wire
