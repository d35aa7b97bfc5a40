#include "control/deferred/released_copy.hpp"

#include <gmock/gmock.h>

#include "aftercall/events/v1/session_finished.pb.h"
#include "aftercall/events/v1/session_settled.pb.h"
#include "control/deferred/expired.hpp"
#include "control/deferred/shelf.hpp"
#include "wire/envelope.hpp"
#include "wire/event_deferred.hpp"
#include "wire/time.hpp"

namespace aftercall::control {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsNull;
using testing::NotNull;
using testing::Pair;

const wire::TopicNames topics;
const Instant first = instant_of(1'700'000'000'000);

events::v1::EventDeferred deferred() {
  wire::Envelope envelope;
  envelope.id = "e1";
  envelope.tenant = TenantId("t");
  envelope.upstream_id = "u1";
  events::v1::SessionFinished finished;
  finished.mutable_session()->set_session_id("s");
  Record event;
  event.at = {topics.of(wire::topic::session_finished), 3, 42};
  event.key = "t/src/s";
  event.value = finished.SerializeAsString();
  event.headers = wire::headers_of(envelope);
  event.headers.emplace_back("x-of-a-newer-release", "kept");
  events::v1::EventDeferred message;
  *message.mutable_event() = wire::to_wire(event);
  message.set_stage("matcher");
  message.set_unit("crm:a");
  message.set_cause("timeout");
  message.set_attempt(3);
  message.set_tries(2);
  message.set_crm_requests(4);
  message.set_crm_tokens(50);
  wire::write_time(*message.mutable_first_deferred_at(), first);
  return message;
}

Record record_of(const events::v1::EventDeferred& message) {
  Record record;
  record.at = {topics.of(wire::topic::event_deferred), 5, 7};
  record.key = "e1/matcher/crm%3Aa/3";
  record.value = message.SerializeAsString();
  return record;
}

TEST(ReleasedCopy, IsTheEventOneCopyFurtherForItsUnitAlone) {
  const auto copy = released_copy(record_of(deferred()), topics);
  ASSERT_TRUE(copy) << copy.error().detail;
  EXPECT_EQ(copy->topic, topics.of(wire::topic::session_finished));
  EXPECT_EQ(copy->key, "t/src/s");
  EXPECT_EQ(copy->value, deferred().event().value());
  EXPECT_EQ(copy->partition, std::nullopt) << "its key leads to the same one";
  const auto envelope = wire::envelope_of(copy->headers);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->id, "e1");
  EXPECT_EQ(envelope->upstream_id, "u1");
  EXPECT_EQ(envelope->attempt, 4);
  EXPECT_EQ(envelope->tries, 2);
  EXPECT_EQ(envelope->unit, "crm:a");
  EXPECT_EQ(envelope->spent, (Spent{4, 50}));
  EXPECT_EQ(envelope->first_deferred, first);
  EXPECT_THAT(copy->headers, Contains(Pair("x-of-a-newer-release", "kept")));
  EXPECT_EQ(copy->headers.size(),
            record_of(deferred()).headers.size() + deferred().event().headers_size() + 4);
}

TEST(ReleasedCopy, AWishIsWrittenIntoTheDeferralAndForgetsTheTries) {
  const Record before = record_of(deferred());
  const auto wish = wish_for(before, {"ann"});
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->key, before.key);
  EXPECT_EQ(wish->partition, 5);
  Record after = before;
  after.value = wish->value;
  EXPECT_EQ(deferral_in(after)->wanted_by, "ann");
  const auto copy = released_copy(after, topics);
  ASSERT_TRUE(copy);
  EXPECT_EQ(wire::envelope_of(copy->headers)->tries, 0);
  EXPECT_EQ(wire::envelope_of(copy->headers)->attempt, 4);
}

TEST(ReleasedCopy, OfTwoWishesTheLastOneCounts) {
  Record record = record_of(deferred());
  record.value = wish_for(record, {"ann", "a test call"})->value;
  EXPECT_TRUE(deferral_in(record)->discarded);
  EXPECT_EQ(deferral_in(record)->wanted_by, "ann");
  record.value = wish_for(record, {"bo"})->value;
  EXPECT_FALSE(deferral_in(record)->discarded);
  EXPECT_EQ(deferral_in(record)->wanted_by, "bo");
}

TEST(ReleasedCopy, GoesOnlyToAStagesInputAndOnlyWithABody) {
  auto elsewhere = deferred();
  elsewhere.mutable_event()->set_topic(topics.of(wire::topic::tenant_secret));
  EXPECT_FALSE(released_copy(record_of(elsewhere), topics));
  auto empty = deferred();
  empty.mutable_event()->clear_value();
  const auto refused = released_copy(record_of(empty), topics);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("partition 3 offset 42"));
  Record garbage = record_of(deferred());
  garbage.value = "\xff\xff";
  EXPECT_FALSE(released_copy(garbage, topics));
}

TEST(ReleasedCopy, TheTombstoneEndsExactlyThisDeferralWhereItLies) {
  const auto tombstone = tombstone_of(*deferral_in(record_of(deferred())), topics);
  EXPECT_EQ(tombstone.topic, topics.of(wire::topic::event_deferred));
  EXPECT_EQ(tombstone.key, "e1/matcher/crm%3Aa/3");
  EXPECT_EQ(tombstone.value, std::nullopt);
  EXPECT_EQ(tombstone.partition, 5);
}

TEST(Expired, TellsWhatHadWaitedAndForWhat) {
  const auto draft = expired(record_of(deferred()), topics, first + expires_after);
  ASSERT_TRUE(draft) << draft.error().detail;
  events::v1::SessionSettled settled;
  ASSERT_TRUE(settled.ParseFromString(*draft->value));
  EXPECT_EQ(settled.reason(), "expired");
  EXPECT_EQ(settled.source(), "src");
  EXPECT_EQ(settled.crm_account(), "crm:a");
  EXPECT_THAT(settled.detail(), HasSubstr("timeout"));
  EXPECT_TRUE(settled.has_revision());
  EXPECT_NE(wire::envelope_of(draft->headers)->id, "e1");
}

TEST(Shelf, TheOneKeptLongestMakesRoom) {
  Shelf shelf(250);
  Record record;
  record.value = std::string(100, 'x');
  for (const auto* key : {"a", "b", "c"}) {
    record.key = key;
    shelf.keep(record);
  }
  EXPECT_THAT(shelf.find("a", record.at), IsNull());
  EXPECT_THAT(shelf.find("b", record.at), NotNull());
  EXPECT_THAT(shelf.find("c", {"event.deferred", 0, 99}), IsNull()) << "a newer record of that key";
  shelf.drop("b");
  shelf.drop("c");
  EXPECT_EQ(shelf.bytes(), 0U);
}

}  // namespace
}  // namespace aftercall::control
