#include "formatter/one_note.hpp"

#include <gmock/gmock.h>

#include "formatter/activity_type.hpp"
#include "formatter/format.hpp"
#include "formatter/sessions_for_tests.hpp"
#include "policy/keys.hpp"

namespace aftercall::formatter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Session demo() {
  auto session = meeting();
  session.conversation_type = "Demo";
  return session;
}

const ParticipantMatch anna = nobody(1, "anna@contoso.example", false);
const ParticipantMatch bo = found(2, "bo@contoso.example", "7");
const ParticipantMatch cy = found(3, "cy@contoso.example", "8");

Matched matched(std::vector<ParticipantMatch> participants) {
  auto out = matched_in("pipes:900", std::move(participants));
  out.capabilities.one_note = true;
  out.capabilities.deals = true;
  out.capabilities.activities = true;
  out.capabilities.activity_types = {{"Call", "call"}, {"Demo", "demo_key"}};
  out.deal = record("deal", "52");
  return out;
}

std::vector<std::string> ids(const std::vector<Target>& targets) {
  std::vector<std::string> all;
  all.reserve(targets.size());
  for (const auto& each : targets) all.push_back(each.record->type + " " + each.record->id);
  return all;
}

TEST(OneNote, HangsOnTheFirstWhoIsThereAndShowsBesideTheDeal) {
  const auto artifacts = one_note_of(demo(), matched({anna, bo, cy}));
  ASSERT_THAT(artifacts.ordered, SizeIs(2));
  const auto& note = artifacts.ordered[0];
  EXPECT_EQ(note.kind, ArtifactKind::Note);
  EXPECT_EQ(note.slot, "session");
  EXPECT_EQ(note.key, artifact_key({CrmAccount("pipes:900"), demo().key, ArtifactKind::Note, "session", 0}));
  EXPECT_TRUE(note.main);
  EXPECT_EQ(note.target.record->id, "7");
  EXPECT_THAT(ids(note.beside), ElementsAre("deal 52"));
  ASSERT_THAT(artifacts.left_out, SizeIs(1));
  EXPECT_EQ(artifacts.left_out[0].what, "contact of participant 1");
}

TEST(OneNote, TheActivityHasEverybodyTheDealAndItsTimeInUtc) {
  const auto artifacts = one_note_of(demo(), matched({bo, cy, found(4, "bo@x.example", "7")}));
  ASSERT_THAT(artifacts.ordered, SizeIs(2));
  const auto& activity = artifacts.ordered[1];
  EXPECT_EQ(activity.kind, ArtifactKind::Activity);
  EXPECT_EQ(activity.slot, "session");
  EXPECT_NE(activity.key, artifacts.ordered[0].key);
  EXPECT_FALSE(activity.main);
  EXPECT_EQ(activity.target, artifacts.ordered[0].target);
  EXPECT_THAT(ids(activity.beside), ElementsAre("deal 52", "contact 8"));
  EXPECT_EQ(activity.occasion.type, "demo_key");
  EXPECT_EQ(activity.occasion.start, *demo().started_at);
  EXPECT_FALSE(activity.occasion.assumed);
  EXPECT_EQ(activity.occasion.duration, std::chrono::minutes(75));
}

TEST(OneNote, AnActivityOfASessionWithoutTimesIsWhenItCame) {
  auto session = demo();
  session.started_at.reset();
  EXPECT_FALSE(one_note_of(session, matched({bo})).ordered.at(1).occasion.assumed);
  session.ended_at.reset();
  const auto artifacts = one_note_of(session, matched({bo}));
  EXPECT_TRUE(artifacts.ordered.at(1).occasion.assumed);
  EXPECT_EQ(artifacts.ordered[1].occasion.start, session.revision.accepted_at);
}

TEST(OneNote, TheSessionsOwnDealIsMarkedSo) {
  auto match = matched({bo});
  for (const bool own : {false, true}) {
    match.own_deal = own;
    const auto artifacts = one_note_of(demo(), match);
    ASSERT_THAT(artifacts.ordered, SizeIs(2));
    for (const auto& each : artifacts.ordered) EXPECT_EQ(each.own_deal, own);
  }
}

TEST(OneNote, WhoIsCreatedComesBeforeIt) {
  auto created = anna;
  created.create = true;
  created.looked_at = instant_of(5000);
  auto match = matched({created});
  match.deal.reset();
  const auto artifacts = one_note_of(demo(), match);
  ASSERT_THAT(artifacts.ordered, SizeIs(3));
  EXPECT_EQ(artifacts.ordered[0].kind, ArtifactKind::Contact);
  EXPECT_EQ(artifacts.ordered[0].person.email, "anna@contoso.example");
  EXPECT_EQ(artifacts.ordered[0].person.looked_at, instant_of(5000));
  EXPECT_EQ(artifacts.ordered[1].target.artifact, artifacts.ordered[0].key);
  EXPECT_THAT(artifacts.ordered[1].beside, IsEmpty());
  EXPECT_EQ(artifacts.ordered[2].target.artifact, artifacts.ordered[0].key);
  EXPECT_THAT(artifacts.left_out, IsEmpty());
}

TEST(OneNote, WithoutATypeOfItsNameTheActivityIsLeftOutAndTheNoteIsNot) {
  auto session = demo();
  session.conversation_type = "Discovery";
  const auto artifacts = one_note_of(session, matched({bo}));
  EXPECT_THAT(artifacts.ordered, SizeIs(1));
  ASSERT_THAT(artifacts.left_out, SizeIs(1));
  EXPECT_EQ(artifacts.left_out[0].what, "activity");
}

TEST(OneNote, WithoutTheRightTheActivityIsLeftOutAndTheRightIsNamed) {
  auto match = matched({bo});
  match.capabilities.activities = false;
  EXPECT_THAT(one_note_of(demo(), match).left_out, IsEmpty()) << "a CRM that has none";
  match.capabilities.activities_need = "activities:full";
  const auto artifacts = one_note_of(demo(), match);
  EXPECT_THAT(artifacts.ordered, SizeIs(1));
  ASSERT_THAT(artifacts.left_out, SizeIs(1));
  EXPECT_THAT(artifacts.left_out[0].reason, HasSubstr("activities:full"));
}

TEST(OneNote, ManyContactsOfOneIdentityStillGetOne) {
  auto several = bo;
  several.also = {{"contact", "9", "", ""}};
  const auto artifacts = one_note_of(demo(), matched({several}));
  EXPECT_THAT(artifacts.ordered, SizeIs(2));
  EXPECT_EQ(artifacts.left_out.at(0).what, "notes on 1 more contacts of participant 2");
}

TEST(OneNote, ThePlanHoldsTheNotesTextAndTheActivitys) {
  const auto formatted = format(demo(), matched({bo}));
  const auto* const plan = std::get_if<Plan>(&formatted);
  ASSERT_NE(plan, nullptr);
  ASSERT_THAT(plan->contents, SizeIs(2));
  EXPECT_THAT(plan->contents[0].html, HasSubstr("Ask about security."));
  EXPECT_EQ(plan->contents[1].title, "Demo for Contoso");
  EXPECT_THAT(plan->contents[1].html,
              testing::EndsWith("Recording and transcript</a></p><p>All went <strong>well</strong>.</p>"));
  EXPECT_EQ(plan->artifacts[1].content, 1U);

  auto call = demo();
  call.conversation_type.clear();
  const auto without = format(call, matched({bo}));
  EXPECT_THAT(std::get<Plan>(without).contents, SizeIs(1));
}

TEST(OneNote, ALengthInBytesIsUsedWholeAndKept) {
  auto match = matched({bo});
  match.capabilities.note_text_in = Measure::Bytes;
  auto session = demo();
  session.summary_format = TextFormat::Plain;
  session.summary.clear();
  while (session.summary.size() < 80'000) session.summary += "A sentence of them. ";
  const auto whole = std::get<Plan>(format(session, match));
  EXPECT_THAT(whole.left_out, IsEmpty());
  for (const auto& content : whole.contents)
    EXPECT_THAT(content.html, HasSubstr(session.summary.substr(0, 79'990)));

  session.summary.clear();
  for (int i = 0; i < 30'000; ++i) session.summary += "\xF0\x9F\x98\x80";
  const auto cut = std::get<Plan>(format(session, match));
  for (const auto& content : cut.contents) {
    EXPECT_LE(content.html.size(), 90'000U);
    EXPECT_GE(content.html.size(), 89'000U);
  }
  ASSERT_THAT(cut.left_out, SizeIs(2));
  EXPECT_THAT(cut.left_out[0].reason, HasSubstr(" bytes, the CRM holds 90000"));
}

TEST(OneNote, NobodyLeavesNothing) { EXPECT_THAT(one_note_of(demo(), matched({anna})).ordered, IsEmpty()); }

TEST(ActivityType, BearsExactlyTheNameAndElseTheNearMissIsNamed) {
  auto session = demo();
  Capabilities can;
  can.activity_types = {{"Demo call", "a"}, {"demo", "b"}};
  EXPECT_EQ(activity_type(session, can), nullptr);
  EXPECT_EQ(why_no_activity(session, can),
            "no activity type is called \"Demo\"; \"demo\" is, in other letter case or with other spaces");
  can.activity_types.pop_back();
  EXPECT_EQ(why_no_activity(session, can),
            "no activity type is called \"Demo\"; the nearest is \"Demo call\"");
  can.activity_types = {{"Call", "c"}, {"Demo", "d"}};
  session.conversation_type = "Demo call";  // begins with the second, only ends in the first
  EXPECT_EQ(why_no_activity(session, can),
            "no activity type is called \"Demo call\"; the nearest is \"Demo\"");
  session.conversation_type = "Demo";
  can.activity_types.clear();
  EXPECT_EQ(why_no_activity(session, can), "no activity type is called \"Demo\"");
  session.conversation_type.clear();
  EXPECT_EQ(why_no_activity(session, can), "the session has no conversation type");
  can.activity_types = {{"Demo", "c"}};
  session.conversation_type = "Demo";
  ASSERT_NE(activity_type(session, can), nullptr);
  EXPECT_EQ(activity_type(session, can)->key, "c");
}

}  // namespace
}  // namespace aftercall::formatter
