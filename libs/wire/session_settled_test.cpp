#include "wire/session_settled.hpp"

#include <gtest/gtest.h>

namespace aftercall::wire {
namespace {

Settled settled() {
  Settled out;
  out.session = {TenantId("acme"), SourceId("meetings"), SessionId("1")};
  out.revision = {Revision::Kind::Number, 2, instant_of(9), "h"};
  out.reason = "written";
  ArtifactState note;
  note.key = "k";
  note.state = ArtifactState::State::DeletedByPerson;
  note.target = {"contact", "c1", "Anna", ""};
  note.beside = {{"deal", "d1", "Renewal", ""}};
  note.crm_id = "n1";
  out.artifacts = {note};
  out.left_out = {{"note on the appointment", "none"}};
  out.evidence = {{0, "the only active contact by e-mail", {{"contact by e-mail", "1 active"}}}};
  return out;
}

TEST(SessionSettled, ComesBackWithoutAnyPersonsName) {
  const auto message = session_settled(settled());
  EXPECT_EQ(message.SerializeAsString().find("Anna"), std::string::npos);
  const auto back = settled_of(message);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->artifacts[0].state, ArtifactState::State::DeletedByPerson);
  EXPECT_EQ(back->artifacts[0].target.id, "c1");
  ASSERT_EQ(back->artifacts[0].beside.size(), 1U);
  EXPECT_EQ(back->artifacts[0].beside[0], (CrmRecord{"deal", "d1", "", ""})) << "a title is no fact to keep";
  EXPECT_EQ(back->evidence[0].participant, 0U);
  EXPECT_EQ(back->left_out[0].reason, "none");
}

TEST(SessionSettled, AStateOfANewerReleaseIsNotGuessedAt) {
  auto message = session_settled(settled());
  message.mutable_artifacts(0)->set_state(static_cast<v1::ArtifactState::State::Value>(99));
  EXPECT_EQ(settled_of(message).error().cause, Cause::NeedsNewerStage);
}

}  // namespace
}  // namespace aftercall::wire
