#include "control/deferred/expired.hpp"

#include "control/deferred_event.hpp"
#include "policy/keys.hpp"
#include "wire/envelope.hpp"
#include "wire/event_deferred.hpp"
#include "wire/keys.hpp"
#include "wire/time.hpp"

namespace aftercall::control {
namespace {

using Deferred = events::v1::EventDeferred;
constexpr std::string_view who = "control";

events::v1::SessionSettled outcome_of(const Deferred& message, const std::vector<std::string>& session,
                                      const wire::TopicNames& topics) {
  events::v1::SessionSettled settled;
  settled.set_tenant(session[0]);
  settled.set_source(session[1]);
  settled.set_session_id(session[2]);
  *settled.mutable_revision() = revision_in(message.event(), topics);
  *settled.mutable_accepted_at() = settled.revision().accepted_at();
  settled.set_crm_account(message.unit());
  settled.set_connection(message.connection());
  settled.set_stage(message.stage());
  settled.set_attempt(message.attempt());
  *settled.mutable_artifacts() = message.artifacts();
  settled.set_crm_requests(message.crm_requests());
  settled.set_crm_tokens(message.crm_tokens());
  return settled;
}

std::string waited_for(const Deferred& message) {
  return "waited since " + rfc3339(wire::read_time(message.first_deferred_at()).value_or(Instant{})) +
         "; last for: " + message.cause() + ", " + message.detail();
}

Result<Deferred> message_in(const Record& record) {
  Deferred message;
  if (!record.value || !message.ParseFromString(*record.value))
    return fail(Cause::Malformed, "the deferral cannot be read");
  return message;
}

Result<Draft> ended(const Deferred& message, const wire::TopicNames& topics, Instant now, std::string reason,
                    std::string detail) {
  const Record event = wire::from_wire(message.event());
  const auto session = wire::split_key(event.key);
  auto envelope = wire::envelope_of(event.headers);
  if (!session || session->size() != 3 || !envelope)
    return fail(Cause::Malformed, "the event that waited names no session");
  auto settled = outcome_of(message, *session, topics);
  settled.set_reason(std::move(reason));
  settled.set_detail(std::move(detail));
  settled.set_run(envelope->run);
  wire::write_time(*settled.mutable_settled_at(), now);
  envelope->id = derived_event_id(envelope->id, who, CrmAccount(message.unit()), envelope->run);
  envelope->type = wire::topic::session_settled;
  envelope->source = "/" + std::string(who);
  envelope->time = now;
  envelope->subject = event.key;
  envelope->tries = 0;
  envelope->unit = message.unit();
  envelope->first_deferred = Instant{};
  envelope->spent = {};
  Draft draft;
  draft.topic = topics.of(wire::topic::session_settled);
  draft.key = event.key;
  draft.value = settled.SerializeAsString();
  draft.headers = wire::headers_of(*envelope);
  return draft;
}

}  // namespace

Result<Draft> expired(const Record& record, const wire::TopicNames& topics, Instant now) {
  const auto message = message_in(record);
  if (!message) return tl::unexpected(message.error());
  return ended(*message, topics, now, "expired", waited_for(*message));
}

Result<Draft> discarded(const Record& record, const wire::TopicNames& topics, Instant now) {
  const auto message = message_in(record);
  if (!message) return tl::unexpected(message.error());
  return ended(
      *message, topics, now, "discarded",
      "by " + message->discard_wanted_by() + ": " + message->discard_reason() + "; " + waited_for(*message));
}

}  // namespace aftercall::control
