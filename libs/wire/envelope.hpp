#pragma once
#include <string>
#include <string_view>

#include "domain/failure.hpp"
#include "domain/id.hpp"
#include "domain/instant.hpp"
#include "domain/record.hpp"
#include "domain/spent.hpp"

namespace aftercall::wire {

// Who, when, which tenant, trace and attempt around an event: Kafka headers, by the CloudEvents Kafka binding
// (binary mode) and W3C Trace Context, plus ours (`ac-…`). It travels with the event from the door to the
// outcome.
struct Envelope {
  std::string id;            // ce_id: a UUIDv5
  std::string type;          // ce_type: the topic's short name
  std::string source;        // ce_source: who made this event: "/ingest", "/matcher"
  Instant time{};            // ce_time
  std::string subject;       // ce_subject: the Kafka key
  std::string traceparent;   // W3C
  TenantId tenant;           // ac-tenant
  int attempt = 1;           // ac-attempt: counts copies
  int tries = 0;             // ac-tries: counts real tries; 0 again when a person releases
  std::string unit;          // ac-unit: on a released copy: only this CRM account's unit runs
  std::string run;           // ac-run: a replay's or resend's id, mixed into derived ids
  std::string upstream_id;   // ac-upstream-id: the upstream's own event id
  Instant first_deferred{};  // ac-first-deferred: when the event first had to wait; zero = never
  Spent spent{};             // ac-crm-requests, ac-crm-tokens: by this stage on earlier copies of this unit
  bool operator==(const Envelope&) const = default;
};

Headers headers_of(const Envelope& envelope);
// Refuses headers without id or tenant, and numbers that are none.
Result<Envelope> envelope_of(const Headers& headers);

}  // namespace aftercall::wire
