#include "control/deferred_event.hpp"

#include "aftercall/events/v1/contact_matched.pb.h"
#include "aftercall/events/v1/note_ready.pb.h"
#include "aftercall/events/v1/session_finished.pb.h"
#include "wire/note_ready.hpp"
#include "wire/session.hpp"

namespace aftercall::control {
namespace {

namespace v1 = events::v1;

v1::Revision revision_of(const v1::Session& session) { return wire::to_wire(wire::revision_of(session)); }

}  // namespace

v1::Revision revision_in(const v1::KafkaRecord& event, const wire::TopicNames& topics) {
  v1::SessionFinished finished;
  v1::ContactMatched matched;
  v1::NoteReady ready;
  if (event.topic() == topics.of(wire::topic::session_finished) && finished.ParseFromString(event.value()))
    return revision_of(finished.session());
  if (event.topic() == topics.of(wire::topic::contact_matched) && matched.ParseFromString(event.value()))
    return revision_of(matched.session());
  if (event.topic() == topics.of(wire::topic::note_ready) && ready.ParseFromString(event.value()))
    return ready.revision();
  return {};
}

std::string account_in(const v1::KafkaRecord& event, const wire::TopicNames& topics) {
  v1::ContactMatched matched;
  v1::NoteReady ready;
  if (event.topic() == topics.of(wire::topic::contact_matched) && matched.ParseFromString(event.value()))
    return matched.crm_account();
  if (event.topic() == topics.of(wire::topic::note_ready) && ready.ParseFromString(event.value()))
    return ready.crm_account();
  return "";
}

}  // namespace aftercall::control
