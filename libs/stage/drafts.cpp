#include "stage/drafts.hpp"

#include "policy/keys.hpp"
#include "wire/event_deferred.hpp"
#include "wire/keys.hpp"
#include "wire/session_settled.hpp"
#include "wire/time.hpp"

namespace aftercall::stage {
namespace {

namespace v1 = aftercall::events::v1;

// What goes on from event to event: tenant, trace, attempt, unit, run. A new event has not been tried yet.
wire::Envelope derived(const Maker& maker, const Event& event, const CrmAccount& account,
                       std::string_view type) {
  const wire::Envelope& parent = event.envelope;
  wire::Envelope envelope;
  envelope.id = derived_event_id(parent.id, maker.stage, account, parent.run);
  envelope.type = type;
  envelope.source = "/" + std::string(maker.stage);
  envelope.time = maker.now;
  envelope.subject = event.record.key;
  envelope.traceparent = maker.traceparent;
  envelope.tenant = parent.tenant;
  envelope.attempt = parent.attempt;
  envelope.unit = parent.unit;
  envelope.run = parent.run;
  envelope.upstream_id = parent.upstream_id;
  return envelope;
}

v1::EventDeferred::Kind::Value to_wire(Kind kind) {
  switch (kind) {
    case Kind::Transient:
      return v1::EventDeferred::Kind::waiting;
    case Kind::InDoubt:
      return v1::EventDeferred::Kind::in_doubt;
    case Kind::Blocked:
      return v1::EventDeferred::Kind::blocked;
    case Kind::Permanent:
      return v1::EventDeferred::Kind::dead;
  }
  return v1::EventDeferred::Kind::unspecified;
}

}  // namespace

Draft emitted(const Maker& maker, const Event& event, const CrmAccount& account, Emit emit) {
  return {.topic = maker.topics.of(emit.topic),
          .key = event.record.key,
          .value = std::move(emit.value),
          .headers = wire::headers_of(derived(maker, event, account, emit.topic))};
}

Draft settled(const Maker& maker, const Event& event, const Unit& unit, Settle end) {
  end.settled.session = unit.session;
  end.settled.revision = unit.revision;
  end.settled.account = unit.account;
  auto message = wire::session_settled(end.settled);
  message.set_stage(std::string(maker.stage));
  message.set_run(event.envelope.run);
  message.set_attempt(event.envelope.attempt);
  wire::write_time(*message.mutable_settled_at(), maker.now);
  return {.topic = maker.topics.of(wire::topic::session_settled),
          .key = event.record.key,
          .value = message.SerializeAsString(),
          .headers = wire::headers_of(derived(maker, event, unit.account, wire::topic::session_settled))};
}

Draft deferred(const Maker& maker, const Event& event, const CrmAccount& account, const Deferral& deferral) {
  const wire::Envelope& parent = event.envelope;
  v1::EventDeferred message;
  *message.mutable_event() = wire::to_wire(event.record);
  message.set_stage(std::string(maker.stage));
  message.set_unit(account.str());
  message.set_kind(to_wire(deferral.kind));
  message.set_cause(std::string(name_of(deferral.failure.cause)));
  message.set_detail(deferral.failure.detail);
  if (deferral.not_before) wire::write_time(*message.mutable_not_before(), *deferral.not_before);
  wire::write_time(*message.mutable_deferred_at(), maker.now);
  const bool first = parent.first_deferred == Instant{};
  wire::write_time(*message.mutable_first_deferred_at(), first ? maker.now : parent.first_deferred);
  for (const auto& artifact : deferral.artifacts) *message.add_artifacts() = wire::to_wire(artifact);
  message.set_attempt(parent.attempt);
  message.set_tries(deferral.tries);
  message.set_connection(deferral.connection.str());
  message.set_crm_requests(deferral.spent.requests);
  message.set_crm_tokens(deferral.spent.tokens);
  auto envelope = derived(maker, event, account, wire::topic::event_deferred);
  envelope.unit = account.str();
  return {.topic = maker.topics.of(wire::topic::event_deferred),
          .key = wire::join_key({parent.id, maker.stage, account.str(), std::to_string(parent.attempt)}),
          .value = message.SerializeAsString(),
          .headers = wire::headers_of(envelope)};
}

wire::Envelope unreadable(const Record& record) {
  wire::Envelope envelope;
  envelope.id = unparsed_event_id(record.at);
  if (const auto tenant = header(record.headers, "ac-tenant")) {
    envelope.tenant = TenantId(std::string(*tenant));
  } else if (const auto parts = wire::split_key(record.key); parts && !parts->empty()) {
    envelope.tenant = TenantId(parts->front());
  }
  envelope.traceparent = header(record.headers, "traceparent").value_or("");
  return envelope;
}

}  // namespace aftercall::stage
