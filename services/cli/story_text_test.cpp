#include "cli/story_text.hpp"

#include <gmock/gmock.h>

namespace aftercall::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using State = events::v1::ArtifactState::State;

control::v1::Story story() {
  control::v1::Story story;
  story.set_title("Northwind: licences");
  story.mutable_session()->set_tenant("acme");
  story.mutable_session()->set_source("zoom");
  story.mutable_session()->set_session_id("s1");
  return story;
}

TEST(StoryText, ACauseIsToldOnceAndInWords) {
  auto told = story();
  auto& unit = *told.add_units();
  unit.set_crm_account("crm:1");
  unit.set_state("waiting");
  unit.set_reason("server_error");
  unit.set_cause("server_error");
  const auto text = story_text(told);
  EXPECT_THAT(text, HasSubstr("crm:1: waiting (server error)\n"));
  EXPECT_THAT(text, Not(HasSubstr("cause:")));
}

TEST(StoryText, ARecordIsOnItsTargetAndAContactOnNothing) {
  auto told = story();
  auto& unit = *told.add_units();
  auto& contact = *unit.add_artifacts();
  contact.set_kind(events::v1::Artifact::Kind::contact);
  contact.set_state(State::written);
  contact.set_crm_id("302");
  auto& note = *unit.add_artifacts();
  note.set_kind(events::v1::Artifact::Kind::note);
  note.set_state(State::written);
  note.set_crm_id("9");
  note.mutable_target()->set_type("contact");
  note.mutable_target()->set_id("302");
  note.add_beside()->set_type("deal");
  note.mutable_beside(0)->set_id("7");
  const auto text = story_text(told);
  EXPECT_THAT(text, HasSubstr("    written: contact 302\n"));
  EXPECT_THAT(text, HasSubstr("    written: note on contact 302, deal 7\n"));
}

}  // namespace
}  // namespace aftercall::cli
