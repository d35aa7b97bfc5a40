#include "wire/session.hpp"

#include <gtest/gtest.h>

#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

v1::Session minimal() {
  v1::Session message;
  message.set_tenant("acme");
  message.set_source("meetings");
  message.set_session_id("1");
  write_time(*message.mutable_accepted_at(), instant_of(1000));
  message.set_content_hash("abc");
  return message;
}

TEST(Session, EveryWordOfTheWireHasItsTwinInTheDomain) {
  EXPECT_EQ(static_cast<int>(v1::Channel::email), static_cast<int>(Channel::Email));
  EXPECT_EQ(static_cast<int>(v1::Channel::whatsapp), static_cast<int>(Channel::WhatsApp));
  EXPECT_EQ(static_cast<int>(v1::Direction::outbound), static_cast<int>(Direction::Outbound));
  EXPECT_EQ(static_cast<int>(v1::Participant::Role::human_agent), static_cast<int>(Role::HumanAgent));
  EXPECT_EQ(static_cast<int>(v1::Participant::Side::external), static_cast<int>(Side::External));
}

TEST(Session, AWordOfANewerReleaseBlocksInsteadOfBeingGuessedAt) {
  auto message = minimal();
  message.set_channel(static_cast<v1::Channel::Value>(42));
  const auto session = session_of(message);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().cause, Cause::NeedsNewerStage);
}

TEST(Session, WithoutItsIdentityIsMalformed) {
  auto message = minimal();
  message.clear_tenant();
  EXPECT_EQ(session_of(message).error().cause, Cause::Malformed);
}

TEST(Revision, AStatedOneBeatsAnArrivalAndTiesFallToTheLaterAcceptance) {
  auto message = minimal();
  const auto arrival = revision_of(message);
  message.set_revision(0);
  const auto stated = revision_of(message);
  EXPECT_LT(arrival, stated);
  write_time(*message.mutable_accepted_at(), instant_of(2000));
  EXPECT_LT(stated, revision_of(message));
  EXPECT_EQ(arrival.value, 1000);
}

}  // namespace
}  // namespace aftercall::wire
