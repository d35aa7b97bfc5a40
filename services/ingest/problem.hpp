#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "wire/wrong.hpp"

// Every answer of the door but the good one, as problem+json (RFC 9457). A client reads `code`, a person
// `detail`. golden/problems.txt holds them all.
namespace aftercall::ingest {

struct Problem {
  int status = 500;
  std::string_view code;
  std::string detail;
  wire::Wrongs wrongs{};
  std::optional<std::chrono::seconds> retry_after{};
  std::optional<http::Headers::Field> header{};  // what the status asks for: Allow, WWW-Authenticate
};
http::Response response_of(const Problem& problem);

namespace problem {
Problem no_such_page();
Problem method_not_allowed(std::string allowed);
Problem no_key();
Problem unknown_key();
Problem source_disabled();
Problem wrong_media_type();
Problem encoded_body();
Problem not_json(wire::Wrong wrong);
Problem wrong_fields(wire::Wrongs wrongs);  // 413 if the only thing wrong is that there is too much of it
Problem body_too_large(std::size_t limit);
Problem too_many_bytes();         // of all requests that are being received
Problem tenant_waits_too_much();  // for Kafka: beyond its share
Problem too_many_waiting();
Problem not_stored();
Problem starting();
Problem tenant_unknown();  // its configuration is on its way
}  // namespace problem

}  // namespace aftercall::ingest
