#pragma once
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "domain/id.hpp"
#include "domain/instant.hpp"
#include "domain/record.hpp"
#include "domain/tenant.hpp"
#include "http/message.hpp"
#include "ingest/problem.hpp"

// POST /v1/sessions → session.finished, pure.
namespace aftercall::ingest {

// What is known of a request beside itself.
struct Terms {
  const Source& source;
  std::string region;  // the tenant's: for phone numbers without country code
  std::string topic;   // session.finished, by its name on the broker
  Instant now{};
  std::string traceparent;  // of what this request causes
};

struct Accepted {
  std::string event_id;
  SessionId session;
  Draft draft;
};

// Why a body needs not even be read, by what its head says of its form.
std::optional<Problem> wrong_form(const http::Headers& headers);

// One session, or an array of them that is valid as a whole or refused as a whole. Whose sessions they are is
// the source's to say, never the body's.
tl::expected<std::vector<Accepted>, Problem> receive(const http::Request& request, const Terms& terms);

http::Response accepted_response(const std::vector<Accepted>& accepted);

inline constexpr std::size_t most_sessions = 100;

}  // namespace aftercall::ingest
