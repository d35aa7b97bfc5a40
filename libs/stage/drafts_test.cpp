#include "stage/drafts.hpp"

#include <gmock/gmock.h>

#include "aftercall/events/v1/event_deferred.pb.h"
#include "policy/keys.hpp"
#include "wire/event_deferred.hpp"
#include "wire/session_settled.hpp"

namespace aftercall::stage {
namespace {

namespace v1 = aftercall::events::v1;

const wire::TopicNames names;
const CrmAccount account("dynamics365:o1");

Maker maker() { return {"matcher", names, instant_of(5000), "00-aa-bb-01"}; }

Event event() {
  Event event;
  event.record.at = {"aftercall.session.finished.v1", 7, 41};
  event.record.key = "t1/s1/x";
  event.record.value = std::string("\0\xff", 2);
  event.envelope.id = "11111111-1111-5111-8111-111111111111";
  event.envelope.tenant = TenantId("t1");
  event.envelope.attempt = 3;
  event.envelope.tries = 2;
  event.envelope.run = "RUN";
  event.record.headers = wire::headers_of(event.envelope);
  return event;
}

TEST(Drafts, WhatIsEmittedBearsTheParentsTenantAttemptAndRunAndAnIdThatEveryoneComputesAlike) {
  const auto draft = emitted(maker(), event(), account, {"contact.matched", "bytes"});
  EXPECT_EQ(draft.topic, "aftercall.contact.matched.v1");
  EXPECT_EQ(draft.key, "t1/s1/x");
  const auto envelope = wire::envelope_of(draft.headers);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->id, derived_event_id(event().envelope.id, "matcher", account, "RUN"));
  EXPECT_EQ(envelope->tenant, TenantId("t1"));
  EXPECT_EQ(envelope->attempt, 3);
  EXPECT_EQ(envelope->tries, 0);
  EXPECT_EQ(envelope->run, "RUN");
  EXPECT_EQ(envelope->traceparent, "00-aa-bb-01");
  EXPECT_EQ(envelope->type, "contact.matched");
}

TEST(Drafts, AnOutcomeNamesItsUnitWhateverTheStepLeftOut) {
  Unit unit;
  unit.account = account;
  unit.session = {TenantId("t1"), SourceId("s1"), SessionId("x")};
  const auto draft = settled(maker(), event(), unit, settle("internal only", "nobody from outside"));
  v1::SessionSettled message;
  ASSERT_TRUE(message.ParseFromString(*draft.value));
  EXPECT_EQ(message.session_id(), "x");
  EXPECT_EQ(message.crm_account(), account.str());
  EXPECT_EQ(message.stage(), "matcher");
  EXPECT_EQ(message.attempt(), 3);
  EXPECT_EQ(message.run(), "RUN");
  EXPECT_EQ(message.reason(), "internal only");
}

TEST(Drafts, ADeferralHoldsTheRecordByteForByteUnderAKeyOfItsOwn) {
  Deferral deferral{.kind = Kind::Blocked, .failure = {Cause::NotAuthorized, "reconnect"}, .tries = 2};
  const auto draft = deferred(maker(), event(), account, deferral);
  v1::EventDeferred message;
  ASSERT_TRUE(message.ParseFromString(*draft.value));
  const auto record = wire::from_wire(message.event());
  EXPECT_EQ(record.at, event().record.at);
  EXPECT_EQ(record.value, event().record.value);
  EXPECT_EQ(record.headers, event().record.headers);
  EXPECT_EQ(message.kind(), v1::EventDeferred::Kind::blocked);
  EXPECT_FALSE(message.has_not_before());
  EXPECT_EQ(draft.key, "11111111-1111-5111-8111-111111111111/matcher/dynamics365%3Ao1/3");
}

TEST(Drafts, WhatCannotBeReadIsKnownByWhereItLies) {
  Record record = event().record;
  record.headers.clear();
  const auto envelope = unreadable(record);
  EXPECT_EQ(envelope.id, unparsed_event_id(record.at));
  EXPECT_EQ(envelope.tenant, TenantId("t1")) << "from the key";
}

}  // namespace
}  // namespace aftercall::stage
