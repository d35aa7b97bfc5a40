#include "control/deferred/released_copy.hpp"

#include <algorithm>

#include "wire/event_deferred.hpp"
#include "wire/time.hpp"

namespace aftercall::control {
namespace {

using Deferred = events::v1::EventDeferred;

void set_header(Headers& headers, std::string_view name, std::string value) {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const auto& each) { return each.first == name; });
  if (found == headers.end())
    headers.emplace_back(name, std::move(value));
  else
    found->second = std::move(value);
}

// A forged deferral must not make us write to any other topic.
bool is_an_input(const std::string& topic, const wire::TopicNames& topics) {
  return topic == topics.of(wire::topic::session_finished) ||
         topic == topics.of(wire::topic::contact_matched) || topic == topics.of(wire::topic::note_ready);
}

std::string place_of(const Position& at) {
  return at.topic + " partition " + std::to_string(at.partition) + " offset " + std::to_string(at.offset);
}

}  // namespace

Result<Draft> released_copy(const Record& record, const wire::TopicNames& topics) {
  Deferred message;
  if (!record.value || !message.ParseFromString(*record.value))
    return fail(Cause::Rejected, "the deferral cannot be read");
  Record event = wire::from_wire(message.event());
  if (!is_an_input(event.at.topic, topics))
    return fail(Cause::Rejected, "its event comes from no stage's input: " + place_of(event.at));
  if (!event.value)
    return fail(Cause::Rejected, "its event has no body here; it lies at " + place_of(event.at));
  const bool wanted = !message.release_wanted_by().empty();
  set_header(event.headers, "ac-attempt", std::to_string(message.attempt() + 1));
  set_header(event.headers, "ac-tries", std::to_string(wanted ? 0 : message.tries()));
  if (!message.unit().empty()) set_header(event.headers, "ac-unit", message.unit());
  if (message.crm_requests() > 0 || message.crm_tokens() > 0) {
    set_header(event.headers, "ac-crm-requests", std::to_string(message.crm_requests()));
    set_header(event.headers, "ac-crm-tokens", std::to_string(message.crm_tokens()));
  }
  if (const auto first = wire::read_time(message.first_deferred_at());
      first && message.has_first_deferred_at())
    set_header(event.headers, "ac-first-deferred", rfc3339(*first));
  Draft copy;
  copy.topic = event.at.topic;
  copy.key = std::move(event.key);
  copy.value = std::move(event.value);
  copy.headers = std::move(event.headers);
  return copy;
}

Draft tombstone_of(const Deferral& deferral, const wire::TopicNames& topics) {
  Draft tombstone;
  tombstone.topic = topics.of(wire::topic::event_deferred);
  tombstone.key = deferral.key;
  tombstone.headers = {{"ac-tenant", deferral.tenant.str()}};
  tombstone.partition = deferral.at.partition;
  return tombstone;
}

Result<Draft> wish_for(const Record& record, const Wish& wish) {
  Deferred message;
  if (!record.value || !message.ParseFromString(*record.value))
    return fail(Cause::Malformed, "the deferral cannot be read");
  message.set_release_wanted_by(wish.discard_because ? "" : wish.who);
  message.set_discard_wanted_by(wish.discard_because ? wish.who : "");
  message.set_discard_reason(wish.discard_because.value_or(""));
  Draft draft;
  draft.topic = record.at.topic;
  draft.key = record.key;
  draft.value = message.SerializeAsString();
  draft.headers = record.headers;
  draft.partition = record.at.partition;
  return draft;
}

}  // namespace aftercall::control
