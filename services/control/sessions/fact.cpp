#include "control/sessions/fact.hpp"

#include "aftercall/events/v1/contact_matched.pb.h"
#include "aftercall/events/v1/event_deferred.pb.h"
#include "aftercall/events/v1/note_ready.pb.h"
#include "aftercall/events/v1/session_finished.pb.h"
#include "aftercall/events/v1/session_settled.pb.h"
#include "control/deferred_event.hpp"
#include "wire/envelope.hpp"
#include "wire/keys.hpp"

namespace aftercall::control {
namespace {

namespace v1 = events::v1;

void strip(v1::Session& session) {
  session.clear_transcript();
  session.clear_manual_notes();
  session.clear_summary();
  session.clear_handoff();
  session.clear_properties();
}

std::string key_of(const std::string& tenant, const std::string& source, const std::string& session) {
  return wire::join_key({tenant, source, session});
}

template <class Message>
std::optional<Message> parsed(const std::string& value) {
  Message message;
  if (!message.ParseFromString(value)) return std::nullopt;
  return message;
}

bool read_finished(Fact& fact, const std::string& value) {
  auto message = parsed<v1::SessionFinished>(value);
  if (!message) return false;
  auto& session = *message->mutable_session();
  strip(session);
  fact.kind = Fact::Kind::Finished;
  fact.session = key_of(session.tenant(), session.source(), session.session_id());
  fact.ids = {session.session_id(), session.session_url()};
  fact.payload = message->SerializeAsString();
  return true;
}

bool read_matched(Fact& fact, const std::string& value) {
  auto message = parsed<v1::ContactMatched>(value);
  if (!message) return false;
  const auto& session = message->session();
  fact.kind = Fact::Kind::Matched;
  fact.session = key_of(session.tenant(), session.source(), session.session_id());
  strip(*message->mutable_session());
  message->mutable_session()->clear_participants();  // session.finished has them
  fact.payload = message->SerializeAsString();
  return true;
}

bool read_ready(Fact& fact, const std::string& value) {
  auto message = parsed<v1::NoteReady>(value);
  if (!message) return false;
  fact.kind = Fact::Kind::Ready;
  fact.session = key_of(message->tenant(), message->source(), message->session_id());
  message->clear_contents();
  fact.payload = message->SerializeAsString();
  return true;
}

bool read_settled(Fact& fact, const std::string& value) {
  const auto message = parsed<v1::SessionSettled>(value);
  if (!message) return false;
  fact.kind = Fact::Kind::Settled;
  fact.session = key_of(message->tenant(), message->source(), message->session_id());
  fact.ids = {message->session_id()};
  for (const auto& artifact : message->artifacts())
    if (!artifact.crm_id().empty()) fact.ids.push_back(artifact.crm_id());
  fact.payload = value;
  return true;
}

// A deferral is kept with its event's revision in place of the event.
bool read_deferred(Fact& fact, const Record& record, const wire::TopicNames& topics) {
  auto message = parsed<v1::EventDeferred>(*record.value);
  if (!message) return false;
  fact.kind = Fact::Kind::Deferred;
  fact.deferral = record.key;
  fact.session = message->event().key();  // data topics' key is the session's
  if (const auto parts = wire::split_key(fact.session); parts && parts->size() == 3)
    fact.ids = {parts->back()};  // nothing else names a session whose event could not be read
  // What is deferred as a whole, because its stage could not read it, may still say whose it is.
  if (message->unit().empty()) message->set_unit(account_in(message->event(), topics));
  message->mutable_event()->set_value(revision_in(message->event(), topics).SerializeAsString());
  message->mutable_event()->clear_headers();
  fact.payload = message->SerializeAsString();
  return true;
}

bool read(Fact& fact, const Record& record, const wire::TopicNames& topics) {
  const auto& topic = record.at.topic;
  if (topic == topics.of(wire::topic::session_finished)) return read_finished(fact, *record.value);
  if (topic == topics.of(wire::topic::contact_matched)) return read_matched(fact, *record.value);
  if (topic == topics.of(wire::topic::note_ready)) return read_ready(fact, *record.value);
  if (topic == topics.of(wire::topic::session_settled)) return read_settled(fact, *record.value);
  if (topic == topics.of(wire::topic::event_deferred)) return read_deferred(fact, record, topics);
  return false;
}

}  // namespace

std::optional<Fact> fact_of(const Record& record, const wire::TopicNames& topics) {
  if (!record.value) return std::nullopt;
  Fact fact;
  fact.at = record.at;
  fact.time = truncate(record.time);
  if (!read(fact, record, topics)) return std::nullopt;
  if (const auto envelope = wire::envelope_of(record.headers)) {
    fact.event = envelope->id;
    fact.attempt = envelope->attempt;
    fact.run = envelope->run;
  }
  return fact;
}

std::optional<std::string> release_in(const Record& record, const wire::TopicNames& topics) {
  if (record.value || record.at.topic != topics.of(wire::topic::event_deferred)) return std::nullopt;
  return record.key;
}

}  // namespace aftercall::control
