#include "wire/envelope.hpp"

#include <charconv>

namespace aftercall::wire {
namespace {

std::string text_of(const Headers& headers, std::string_view name) {
  return std::string(header(headers, name).value_or(std::string_view()));
}

// Absent counts as `otherwise`.
Result<int> number_of(const Headers& headers, std::string_view name, int otherwise) {
  const auto text = header(headers, name);
  if (!text) return otherwise;
  int number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < 0)
    return fail(Cause::Malformed, "header " + std::string(name) + " is not a count");
  return number;
}

Result<Instant> time_of(const Headers& headers, std::string_view name) {
  const auto text = header(headers, name);
  if (!text) return Instant{};
  const auto at = parse_rfc3339(*text);
  if (!at) return fail(Cause::Malformed, "header " + std::string(name) + " is not a time");
  return *at;
}

void add_unless_empty(Headers& headers, std::string_view name, const std::string& value) {
  if (!value.empty()) headers.emplace_back(name, value);
}

}  // namespace

Headers headers_of(const Envelope& envelope) {
  Headers headers{{"ce_specversion", "1.0"},
                  {"ce_id", envelope.id},
                  {"ce_type", envelope.type},
                  {"ce_source", envelope.source},
                  {"ce_time", rfc3339(envelope.time)},
                  {"ce_subject", envelope.subject},
                  {"content-type", "application/protobuf"},
                  {"ac-tenant", envelope.tenant.str()},
                  {"ac-attempt", std::to_string(envelope.attempt)},
                  {"ac-tries", std::to_string(envelope.tries)}};
  add_unless_empty(headers, "traceparent", envelope.traceparent);
  add_unless_empty(headers, "ac-unit", envelope.unit);
  add_unless_empty(headers, "ac-run", envelope.run);
  add_unless_empty(headers, "ac-upstream-id", envelope.upstream_id);
  if (envelope.first_deferred != Instant{})
    headers.emplace_back("ac-first-deferred", rfc3339(envelope.first_deferred));
  if (envelope.spent != Spent{}) {
    headers.emplace_back("ac-crm-requests", std::to_string(envelope.spent.requests));
    headers.emplace_back("ac-crm-tokens", std::to_string(envelope.spent.tokens));
  }
  return headers;
}

Result<Envelope> envelope_of(const Headers& headers) {
  Envelope envelope;
  envelope.id = text_of(headers, "ce_id");
  envelope.tenant = TenantId(text_of(headers, "ac-tenant"));
  if (envelope.id.empty()) return fail(Cause::Malformed, "header ce_id is missing");
  if (envelope.tenant.empty()) return fail(Cause::Malformed, "header ac-tenant is missing");
  envelope.type = text_of(headers, "ce_type");
  envelope.source = text_of(headers, "ce_source");
  envelope.subject = text_of(headers, "ce_subject");
  envelope.traceparent = text_of(headers, "traceparent");
  envelope.unit = text_of(headers, "ac-unit");
  envelope.run = text_of(headers, "ac-run");
  envelope.upstream_id = text_of(headers, "ac-upstream-id");
  const auto time = time_of(headers, "ce_time");
  const auto first_deferred = time_of(headers, "ac-first-deferred");
  const auto attempt = number_of(headers, "ac-attempt", 1);
  const auto tries = number_of(headers, "ac-tries", 0);
  const auto requests = number_of(headers, "ac-crm-requests", 0);
  const auto tokens = number_of(headers, "ac-crm-tokens", 0);
  if (!time) return tl::unexpected(time.error());
  if (!first_deferred) return tl::unexpected(first_deferred.error());
  if (!attempt) return tl::unexpected(attempt.error());
  if (!tries) return tl::unexpected(tries.error());
  if (!requests) return tl::unexpected(requests.error());
  if (!tokens) return tl::unexpected(tokens.error());
  envelope.time = *time;
  envelope.first_deferred = *first_deferred;
  envelope.attempt = *attempt;
  envelope.tries = *tries;
  envelope.spent = {*requests, *tokens};
  return envelope;
}

}  // namespace aftercall::wire
