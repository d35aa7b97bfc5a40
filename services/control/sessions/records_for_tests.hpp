#pragma once
#include <string>
#include <utility>

#include "aftercall/events/v1/contact_matched.pb.h"
#include "aftercall/events/v1/event_deferred.pb.h"
#include "aftercall/events/v1/note_ready.pb.h"
#include "aftercall/events/v1/session_finished.pb.h"
#include "domain/record.hpp"
#include "wire/envelope.hpp"
#include "wire/event_deferred.hpp"
#include "wire/note_ready.hpp"
#include "wire/session.hpp"
#include "wire/session_settled.hpp"
#include "wire/time.hpp"
#include "wire/topics.hpp"

// Records of one session as the stages would publish them.
namespace aftercall::control::example {

inline const wire::TopicNames names;
inline const std::string account = "dynamics365:1";

inline Record record(std::string_view topic, std::string key, std::string value, int second) {
  static std::int64_t offset = 0;
  wire::Envelope envelope;
  envelope.id = "event-" + std::to_string(++offset);
  envelope.tenant = TenantId("acme");
  Record out;
  out.at = {names.of(topic), 0, offset};
  out.time = Instant(std::chrono::seconds(second));
  out.key = std::move(key);
  out.value = std::move(value);
  out.headers = wire::headers_of(envelope);
  return out;
}

inline events::v1::Session session(std::int64_t revision) {
  events::v1::Session out;
  out.set_tenant("acme");
  out.set_source("meetings");
  out.set_session_id("s1");
  out.set_title("Review");
  out.set_revision(revision);
  wire::write_time(*out.mutable_accepted_at(), instant_of(revision));
  out.set_session_url("https://meet.example/s1");
  out.mutable_summary()->set_text("a secret plan");
  auto& participant = *out.add_participants();
  participant.set_name("Anna");
  participant.set_email("anna@contoso.example");
  return out;
}

inline Record finished(std::int64_t revision, int second) {
  events::v1::SessionFinished message;
  *message.mutable_session() = session(revision);
  return record(wire::topic::session_finished, "acme/meetings/s1", message.SerializeAsString(), second);
}

inline Record matched(std::int64_t revision, int second) {
  events::v1::ContactMatched message;
  *message.mutable_session() = session(revision);
  message.set_crm_account(account);
  message.mutable_deal()->set_type("deal");
  message.mutable_deal()->set_id("52");
  message.mutable_deal()->set_name("Renewal");
  return record(wire::topic::contact_matched, "acme/meetings/s1", message.SerializeAsString(), second);
}

inline Record ready(std::int64_t revision, int second) {
  events::v1::NoteReady message;
  message.set_tenant("acme");
  message.set_source("meetings");
  message.set_session_id("s1");
  *message.mutable_revision() = wire::to_wire(wire::revision_of(session(revision)));
  message.set_crm_account(account);
  return record(wire::topic::note_ready, "acme/meetings/s1", message.SerializeAsString(), second);
}

inline Record settled(std::int64_t revision, std::string reason, int second) {
  Settled out;
  out.session = {TenantId("acme"), SourceId("meetings"), SessionId("s1")};
  out.revision = {Revision::Kind::Number, revision, instant_of(revision), ""};
  out.account = CrmAccount(account);
  out.reason = std::move(reason);
  ArtifactState note;
  note.key = "k";
  note.state = ArtifactState::State::Written;
  note.crm_id = "note-1";
  note.beside = {{"deal", "52", "", ""}};
  out.artifacts = {note};
  auto message = wire::session_settled(out);
  message.set_stage("crm_writer");
  return record(wire::topic::session_settled, "acme/meetings/s1", message.SerializeAsString(), second);
}

inline Record deferred(std::int64_t revision, events::v1::EventDeferred::Kind::Value kind, std::string cause,
                       int second) {
  events::v1::EventDeferred message;
  *message.mutable_event() = wire::to_wire(finished(revision, second));
  message.set_stage("matcher");
  message.set_unit(account);
  message.set_kind(kind);
  message.set_cause(std::move(cause));
  return record(wire::topic::event_deferred, "deferral-" + std::to_string(revision),
                message.SerializeAsString(), second);
}

// Its stage could not read it, and named no unit.
inline Record deferred_whole(const Record& event, std::string stage, std::string cause, int second) {
  events::v1::EventDeferred message;
  *message.mutable_event() = wire::to_wire(event);
  message.set_stage(std::move(stage));
  message.set_kind(events::v1::EventDeferred::Kind::blocked);
  message.set_cause(std::move(cause));
  return record(wire::topic::event_deferred, "deferral-whole", message.SerializeAsString(), second);
}

inline Record released(std::int64_t revision, int second) {
  auto out = record(wire::topic::event_deferred, "deferral-" + std::to_string(revision), "", second);
  out.value.reset();
  return out;
}

}  // namespace aftercall::control::example
