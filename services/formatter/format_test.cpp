#include "formatter/format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "domain/utf8.hpp"
#include "formatter/sessions_for_tests.hpp"
#include "policy/keys.hpp"

namespace aftercall::formatter {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// With what must not reach a CRM as it is.
Session hostile_meeting() {
  auto session = meeting();
  session.title = "Quarterly <review>";
  session.ended_at = parse_rfc3339("2026-02-03T10:15:00Z");
  session.session_url = "https://app.example/s/m-1?a=1&b=2";
  session.participants.resize(2);
  session.participants.push_back(
      {"佐藤 花子", "hanako@contoso.example", "", "", Role::Guest, Side::External});
  session.participants.push_back({"", "", "070-123 45 67", "+46701234567", Role::Guest, Side::External});
  session.manual_notes = "Bring the offer.\n\nAsk about <security>.";
  session.summary =
      "## Decisions\n\n- **Renew** for a year\n- "
      "[Offer](https://acme.example/o)\n\n<script>alert(1)</script>";
  session.transcript = {{"Anna", std::nullopt, "the spoken words"}};
  return session;
}

Matched matched(std::vector<ParticipantMatch> participants) {
  auto result = matched_in("dynamics365:org-1", std::move(participants));
  result.capabilities.accounts = true;
  return result;
}

std::string target_of(const Plan& plan, const Artifact& artifact) {
  if (artifact.target.record) return artifact.target.record->type + " " + artifact.target.record->id;
  for (std::size_t i = 0; i < plan.artifacts.size(); ++i)
    if (plan.artifacts[i].key == artifact.target.artifact) return "artifact " + std::to_string(i);
  return "nothing";
}

std::string shown(const std::vector<LeftOut>& left_out) {
  std::string text;
  for (const auto& each : left_out) text += "left out: " + each.what + ": " + each.reason + "\n";
  return text;
}

std::string shown(const Plan& plan, const Artifact& artifact) {
  const bool note = artifact.kind == ArtifactKind::Note;
  std::string text = std::string(note ? "note" : "contact") + (artifact.main ? " (main)" : "") + " for " +
                     artifact.slot + " " + artifact.key + "\n";
  for (const auto& alias : artifact.aliases) text += "  also for " + alias.slot + " " + alias.key + "\n";
  if (note)
    return text + "  on " + target_of(plan, artifact) + ", content " + std::to_string(artifact.content) +
           "\n";
  return text + "  " + artifact.person.name + " | " + artifact.person.email + " | " + artifact.person.phone +
         "\n";
}

std::string shown(const Plan& plan) {
  std::string text;
  for (const auto& artifact : plan.artifacts) text += shown(plan, artifact);
  text += shown(plan.left_out);
  for (const auto& content : plan.contents)
    text += "title: " + content.title + "\nlink: " + content.link + "\n" + content.html + "\n";
  return text;
}

std::string shown(const Formatted& formatted) {
  if (const auto* failure = std::get_if<Failure>(&formatted))
    return "failure: " + std::string(name_of(failure->cause)) + ": " + failure->detail + "\n";
  if (const auto* settled = std::get_if<Settled>(&formatted))
    return "settled: " + settled->reason + ": " + settled->detail + "\n" + shown(settled->left_out);
  return shown(std::get<Plan>(formatted));
}

// AFTERCALL_GOLDEN=write rewrites the expectations; their diff is for a person to read.
void expect_golden(const Formatted& formatted, const std::string& name) {
  const std::string file = std::string(SOURCE_DIR) + "/golden/" + name + ".expected";
  const std::string text = shown(formatted);
  const char* mode = std::getenv("AFTERCALL_GOLDEN");
  if (mode != nullptr && std::string(mode) == "write") std::ofstream(file, std::ios::binary) << text;
  std::stringstream expected;
  expected << std::ifstream(file, std::ios::binary).rdbuf();
  EXPECT_EQ(text, expected.str()) << name;
}

Plan plan_of(const Session& session, const Matched& match) {
  const auto formatted = format(session, match);
  const auto* plan = std::get_if<Plan>(&formatted);
  EXPECT_NE(plan, nullptr) << shown(formatted);
  return plan != nullptr ? *plan : Plan();
}

TEST(Format, AMeetingLeavesNotesOnContactsOnceOnTheirAccountAndOnItsAppointment) {
  auto match = matched({found(1, "anna@contoso.example", "C1", "A1"),
                        found(2, "hanako@contoso.example", "C2", "A1"), nobody(3, "+46701234567", false)});
  match.appointment = record("appointment", "P1");
  expect_golden(format(hostile_meeting(), match), "meeting");
}

TEST(Format, ACallWithoutASummaryStillLinksToItsRecording) {
  auto session = hostile_meeting();
  session.channel = Channel::Phone;
  session.direction = Direction::Inbound;
  session.title.clear();
  session.summary.clear();
  session.manual_notes = " \n";
  session.ended_at = parse_rfc3339("2026-02-03T09:07:31Z");
  expect_golden(format(session, matched({found(3, "+46701234567", "C3")})), "call");
}

TEST(Format, AContactThatNobodyFoundIsCreatedBeforeItsNote) {
  expect_golden(format(hostile_meeting(),
                       matched({nobody(2, "hanako@contoso.example", true), nobody(3, "+46701234567", true)})),
                "created");
}

TEST(Format, TwoParticipantsWhoAreOneContactLeaveOneNote) {
  const auto plan = plan_of(
      hostile_meeting(), matched({found(2, "zoe@contoso.example", "C1"),
                                  found(1, "anna@contoso.example", "C1"), found(3, "+46701234567", "C1")}));
  ASSERT_EQ(plan.artifacts.size(), 1U);
  const auto& note = plan.artifacts.front();
  EXPECT_EQ(note.slot, "+46701234567");  // the alphabetically first
  EXPECT_EQ(note.key, artifact_key({plan.account, plan.session, ArtifactKind::Note, "+46701234567", 0}));
  ASSERT_EQ(note.aliases.size(), 2U);
  EXPECT_EQ(note.aliases[0].slot, "anna@contoso.example");
  EXPECT_EQ(note.aliases[0].key,
            artifact_key({plan.account, plan.session, ArtifactKind::Note, "anna@contoso.example", 0}));
  EXPECT_EQ(note.aliases[1].slot, "zoe@contoso.example");
  EXPECT_TRUE(note.main);
}

TEST(Format, OneIdentityTwiceIsOneContactAndOneNote) {
  const auto plan =
      plan_of(hostile_meeting(),
              matched({nobody(1, "anna@contoso.example", true), nobody(2, "anna@contoso.example", true)}));
  ASSERT_EQ(plan.artifacts.size(), 2U);
  EXPECT_EQ(plan.artifacts[0].kind, ArtifactKind::Contact);
  EXPECT_EQ(plan.artifacts[1].target.artifact, plan.artifacts[0].key);
  EXPECT_TRUE(plan.artifacts[1].aliases.empty());
}

TEST(Format, EveryContactOfAnAmbiguousIdentityGetsItsOwnNoteIfTheTenantWantsIt) {
  auto match = found(1, "anna@contoso.example", "C1");
  match.also = {record("contact", "C2"), record("contact", "C3")};
  const auto plan = plan_of(hostile_meeting(), matched({match}));
  ASSERT_EQ(plan.artifacts.size(), 3U);
  std::set<std::string> keys;
  for (const auto& artifact : plan.artifacts) keys.insert(artifact.key);
  EXPECT_EQ(keys.size(), 3U);
  EXPECT_EQ(plan.artifacts[1].slot, "contact:C2");
  EXPECT_FALSE(plan.artifacts[1].main);
}

TEST(Format, NeverTellsTheTranscript) {
  EXPECT_THAT(shown(format(hostile_meeting(), matched({found(1, "anna@contoso.example", "C1")}))),
              Not(HasSubstr("spoken")));
}

TEST(Format, ATextTooLongIsCutAndSaysSo) {
  auto session = hostile_meeting();
  session.title = std::string(300, 'T');
  for (int i = 0; i < 300; ++i) session.manual_notes += "One of many notes. ";
  for (int i = 0; i < 300; ++i) session.summary += "One of many sentences. ";
  auto match = matched({found(1, "anna@contoso.example", "C1")});
  match.capabilities.note_title_length = 20;
  match.capabilities.note_text_length = 3000;
  const auto plan = plan_of(session, match);
  ASSERT_EQ(plan.contents.size(), 1U);
  const auto& content = plan.contents.front();
  EXPECT_EQ(content.title, std::string(19, 'T') + "…");
  EXPECT_LE(utf16_length(content.html), 3000U);
  EXPECT_THAT(content.html, HasSubstr("many notes"));
  EXPECT_THAT(content.html, HasSubstr("<h4>Summary</h4>"));  // the notes did not push it out
  EXPECT_THAT(content.html, EndsWith("read it all</a></p>"));
  ASSERT_FALSE(plan.left_out.empty());
  EXPECT_THAT(plan.left_out.back().reason, HasSubstr("the CRM holds 3000"));
}

TEST(Format, WhereAccountsMayNotBeReadTheirNotesAreLeftOutAndThatIsSaidOnce) {
  auto match = matched({found(1, "anna@contoso.example", "C1", ""), found(2, "b@contoso.example", "C2", "")});
  match.capabilities.accounts = false;
  const auto plan = plan_of(hostile_meeting(), match);
  EXPECT_EQ(plan.artifacts.size(), 2U);
  EXPECT_THAT(shown(plan.left_out), testing::HasSubstr("left out: notes on accounts: not permitted"));
  EXPECT_THAT(shown(plan.left_out), testing::Not(testing::HasSubstr("has no account")));
}

TEST(Format, WhatCouldNotBeFormattedIsSaid) {
  auto session = hostile_meeting();
  session.summary_format = TextFormat::Html;
  session.summary.clear();
  for (int i = 0; i < 5000; ++i) session.summary += "<b>";
  session.summary += "deep";
  const auto plan = plan_of(session, matched({found(1, "anna@contoso.example", "C1", "A1")}));
  EXPECT_THAT(plan.contents.front().html, HasSubstr("<p>deep</p>"));
  ASSERT_EQ(plan.left_out.size(), 1U);
  EXPECT_EQ(plan.left_out.front().what, "summary");
}

TEST(Format, ASessionThatSaysNothingIsSettled) {
  auto session = hostile_meeting();
  session.summary = " ";
  session.manual_notes.clear();
  session.session_url.clear();
  expect_golden(format(session, matched({found(1, "anna@contoso.example", "C1")})), "nothing");
}

TEST(Format, ASessionOfNobodyIsSettledAndNamesNoAddress) {
  const auto text = shown(format(hostile_meeting(), matched({nobody(1, "anna@contoso.example", false)})));
  EXPECT_THAT(text, HasSubstr("settled: no contact"));
  EXPECT_THAT(text, HasSubstr("participant 1"));
  EXPECT_THAT(text, Not(HasSubstr("anna")));
}

TEST(Format, AnAccountWhoseLimitsAreUnknownWaitsForThem) {
  auto match = matched({found(1, "anna@contoso.example", "C1")});
  match.capabilities.note_text_length = 0;
  const auto formatted = format(hostile_meeting(), match);
  ASSERT_TRUE(std::holds_alternative<Failure>(formatted));
  EXPECT_EQ(kind_of(std::get<Failure>(formatted).cause), Kind::Blocked);
}

TEST(Format, TheSameSessionBecomesTheSamePlanEachTime) {
  const auto match = matched({found(2, "b@x.example", "C1", "A1"), found(1, "a@x.example", "C2", "A2")});
  EXPECT_EQ(shown(format(hostile_meeting(), match)), shown(format(hostile_meeting(), match)));
}

TEST(Format, TheSlotsOfARecordDoNotDependOnTheOrderOfParticipants) {
  const auto one =
      plan_of(hostile_meeting(), matched({found(1, "a@x.example", "C1"), found(2, "b@x.example", "C1")}));
  const auto other =
      plan_of(hostile_meeting(), matched({found(2, "b@x.example", "C1"), found(1, "a@x.example", "C1")}));
  EXPECT_EQ(one.artifacts.front().key, other.artifacts.front().key);
}

}  // namespace
}  // namespace aftercall::formatter
