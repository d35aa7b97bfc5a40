#include "crm_writer/decide.hpp"

#include <gmock/gmock.h>

#include "crm_writer/plans_for_tests.hpp"

namespace aftercall::crm_writer {
namespace {

using testing::SizeIs;
using State = ArtifactState::State;

const Instant now = instant_of(1'000'000);
const Artifact anna = note_on("c1", "anna@contoso.example");

std::vector<Step> steps_of(const Plan& plan, std::vector<LedgerRow> rows) {
  const auto decision = decide(plan, Standing(std::move(rows)), plain_hash(), now);
  const auto* work = std::get_if<Work>(&decision);
  EXPECT_NE(work, nullptr);
  return work == nullptr ? std::vector<Step>() : work->steps;
}

TEST(Decide, WhatTheLedgerDoesNotKnowIsCreatedUnderItsOwnKey) {
  const auto steps = steps_of(plan_of({anna}), {});
  ASSERT_THAT(steps, SizeIs(1));
  ASSERT_TRUE(steps[0].put);
  EXPECT_EQ(steps[0].put->mode, crm::Mode::Create);
  EXPECT_EQ(steps[0].put->key, anna.key);
  EXPECT_EQ(steps[0].put->target.id, "c1");
}

TEST(Decide, TheSameContentIsNotSentAgain) {
  const auto plan = plan_of({anna});
  const auto steps = steps_of(plan_of({anna}, 2), {row_of(plan, anna)});
  EXPECT_FALSE(steps.at(0).put);
  EXPECT_EQ(steps.at(0).stands, State::AlreadyThere);
  EXPECT_EQ(steps.at(0).crm_id, "id:" + anna.slot);
}

TEST(Decide, ASessionWithoutTimesThatComesAgainMovesNoActivity) {
  auto activity = anna;
  activity.kind = ArtifactKind::Activity;
  activity.occasion = {"call", instant_of(1000), std::chrono::minutes(0), true};
  auto again = activity;
  again.occasion.start = instant_of(86'400'000);
  const auto row = row_of(plan_of({activity}), activity);
  EXPECT_FALSE(steps_of(plan_of({again}, 2), {row}).at(0).put);
  again.occasion.assumed = false;  // now it says when it was
  EXPECT_TRUE(steps_of(plan_of({again}, 3), {row}).at(0).put);
}

TEST(Decide, ANewerRevisionUpdatesTheSameRecord) {
  const auto plan = plan_of({anna});
  const auto steps = steps_of(plan_of({anna}, 2, "<p>edited</p>"), {row_of(plan, anna)});
  ASSERT_TRUE(steps.at(0).put);
  EXPECT_EQ(steps[0].put->mode, crm::Mode::Update);
  EXPECT_EQ(steps[0].put->id, "id:" + anna.slot);
}

TEST(Decide, AnOlderRevisionWritesNothing) {
  const auto newer = plan_of({anna}, 5);
  const auto decision = decide(plan_of({anna}, 4), Standing({row_of(newer, anna)}), plain_hash(), now);
  ASSERT_TRUE(std::holds_alternative<Superseded>(decision));
  EXPECT_EQ(std::get<Superseded>(decision).by.value, 5);
}

TEST(Decide, ARevisionThatWroteNothingStillSupersedes) {
  LedgerRow carried;
  carried.name = {revision_kind, "", 0};
  carried.revision = number(9);
  const auto decision = decide(plan_of({anna}, 8), Standing({carried}), plain_hash(), now);
  EXPECT_TRUE(std::holds_alternative<Superseded>(decision));
}

TEST(Decide, TheContactChosenFirstStaysAndTheOutcomeSaysSo) {
  const auto plan = plan_of({anna});
  const auto steps = steps_of(plan_of({note_on("c2", anna.slot)}, 2, "<p>edited</p>"), {row_of(plan, anna)});
  ASSERT_TRUE(steps.at(0).put);
  EXPECT_EQ(steps[0].put->id, "id:" + anna.slot);
  EXPECT_EQ(steps[0].target.id, "c1");
  EXPECT_FALSE(steps[0].kept.empty());
}

TEST(Decide, ARecordIsFoundByItsTargetAndByAnAliasToo) {
  const auto plan = plan_of({anna});
  auto by_phone = note_on("c1", "+46701234567");
  EXPECT_FALSE(steps_of(plan_of({by_phone}, 2), {row_of(plan, anna)}).at(0).put);
  auto elsewhere = note_on("c9", "aaa@contoso.example");
  elsewhere.aliases = {{"key:x", anna.slot}};
  EXPECT_FALSE(steps_of(plan_of({elsewhere}, 2), {row_of(plan, anna)}).at(0).put);
}

TEST(Decide, ARecordThatTwoParticipantsHaveIsPutOnce) {
  const auto bert = note_on("c1", "bert@contoso.example");
  const auto plan = plan_of({note_on("c2", anna.slot), bert}, 2, "<p>edited</p>");
  const auto decision = decide(plan, Standing({row_of(plan_of({anna}), anna)}), plain_hash(), now);
  const auto& work = std::get<Work>(decision);
  ASSERT_THAT(work.steps, SizeIs(1));
  EXPECT_EQ(work.steps[0].put->id, "id:" + anna.slot);
  EXPECT_THAT(work.steps[0].kept, testing::HasSubstr("chosen first"));
  EXPECT_THAT(work.left_out, testing::IsEmpty());
}

TEST(Decide, WhoSharesAnothersRecordIsToldOf) {
  LedgerRow alias;
  alias.name = {"note", "#bert", 0};
  alias.same_as = row_of(plan_of({anna}), anna).name;
  const auto plan = plan_of({anna, note_on("c2", "bert")}, 2, "<p>edited</p>");
  const auto decision = decide(plan, Standing({row_of(plan_of({anna}), anna), alias}), plain_hash(), now);
  const auto& work = std::get<Work>(decision);
  EXPECT_THAT(work.steps, SizeIs(1));
  ASSERT_THAT(work.left_out, SizeIs(1));
  EXPECT_EQ(work.left_out[0].what, "note on contact c2");
  EXPECT_THAT(work.left_out[0].reason, testing::HasSubstr("chosen first"));
}

TEST(Decide, WhatWasRefusedForOneParticipantIsNoRecordOfAnother) {
  const auto bert = note_on("c1", "bert@contoso.example");
  const auto steps = steps_of(plan_of({note_on("c2", anna.slot), bert}, 2),
                              {row_of(plan_of({anna}), anna, LedgerRow::State::Failed)});
  ASSERT_THAT(steps, SizeIs(2));
  EXPECT_EQ(steps[0].row_key, anna.key);
  EXPECT_EQ(steps[1].row_key, bert.key);
}

TEST(Decide, AnAliasRowLeadsToItsRecord) {
  const auto plan = plan_of({anna});
  LedgerRow alias;
  alias.name = {"note", "#+46701234567", 0};
  alias.same_as = row_of(plan, anna).name;
  alias.revision = plan.revision;
  const auto steps = steps_of(plan_of({note_on("c7", "+46701234567")}, 2), {row_of(plan, anna), alias});
  EXPECT_EQ(steps.at(0).crm_id, "id:" + anna.slot);
  EXPECT_FALSE(steps.at(0).put);
}

TEST(Decide, WhatAPersonDeletedStaysDeleted) {
  const auto plan = plan_of({anna});
  const auto steps =
      steps_of(plan_of({anna}, 2, "<p>new</p>"), {row_of(plan, anna, LedgerRow::State::DeletedByPerson)});
  EXPECT_FALSE(steps.at(0).put);
  EXPECT_EQ(steps.at(0).stands, State::DeletedByPerson);
}

TEST(Decide, NothingIsPutWhileAnUnkeyedCreateIsInDoubt) {
  const auto plan = plan_of({anna});
  auto sent = row_of(plan, anna, LedgerRow::State::Sent);
  sent.crm_id.clear();
  for (const auto& row : {sent, row_of(plan, anna, LedgerRow::State::InDoubt)}) {
    const auto steps = steps_of(plan_of({anna}, 2, "<p>new</p>"), {row});
    EXPECT_FALSE(steps.at(0).put);
    EXPECT_EQ(steps.at(0).stands, State::InDoubt);
  }
}

TEST(Decide, AnotherRevisionRestsAfterAnUnansweredUpdateAndTheSameOneDoesNot) {
  const auto plan = plan_of({anna}, 1);
  auto sent = row_of(plan, anna, LedgerRow::State::Sent);
  sent.sent_at = now - std::chrono::seconds(10);
  const auto other = decide(plan_of({anna}, 2, "<p>new</p>"), Standing({sent}), plain_hash(), now);
  ASSERT_TRUE(std::holds_alternative<Rest>(other));
  EXPECT_EQ(std::get<Rest>(other).remaining, std::chrono::seconds(20));
  const auto longer = decide(plan_of({anna}, 2, "<p>new</p>"), Standing({sent}), plain_hash(), now,
                             Writes::Keyed, std::chrono::seconds(60));
  EXPECT_EQ(std::get<Rest>(longer).remaining, std::chrono::seconds(50));
  EXPECT_TRUE(steps_of(plan_of({anna}, 1), {sent}).at(0).put);
  sent.sent_at = now - std::chrono::seconds(31);
  EXPECT_TRUE(steps_of(plan_of({anna}, 2, "<p>new</p>"), {sent}).at(0).put);
}

TEST(Decide, ANoteHangsOnTheContactThatThisPlanCreates) {
  Artifact contact;
  contact.key = "contact-key";
  contact.kind = ArtifactKind::Contact;
  contact.slot = anna.slot;
  Artifact note;
  note.key = "note-key";
  note.slot = anna.slot;
  note.target.artifact = contact.key;
  const auto plan = plan_of({contact, note});
  EXPECT_EQ(steps_of(plan, {}).at(1).put->target.id, "contact-key");
  auto adopted = row_of(plan, contact);
  adopted.crm_id = "other-id";
  EXPECT_EQ(steps_of(plan, {adopted}).at(1).put->target.id, "other-id");
}

TEST(Decide, ANoteStandsWithItsContactThatAPersonDeleted) {
  Artifact contact;
  contact.key = "contact-key";
  contact.kind = ArtifactKind::Contact;
  contact.slot = anna.slot;
  Artifact note;
  note.key = "note-key";
  note.slot = anna.slot;
  note.target.artifact = contact.key;
  const auto plan = plan_of({contact, note});
  const auto steps = steps_of(plan, {row_of(plan, contact, LedgerRow::State::DeletedByPerson)});
  EXPECT_FALSE(steps.at(1).put);
  EXPECT_EQ(steps.at(1).stands, State::DeletedByPerson);
}

TEST(Decide, ACreatedContactIsNeverChanged) {
  Artifact contact;
  contact.key = "contact-key";
  contact.kind = ArtifactKind::Contact;
  contact.slot = anna.slot;
  const auto row = row_of(plan_of({contact}), contact);
  contact.person.name = "Anna Renamed";
  EXPECT_FALSE(steps_of(plan_of({contact}, 2), {row}).at(0).put);
}

TEST(Decide, AContactThatWasCreatedIsNoRecordOfTheSessions) {
  Artifact contact;
  contact.key = "contact-key";
  contact.kind = ArtifactKind::Contact;
  contact.slot = anna.slot;
  const auto created = plan_of({contact, anna});
  const auto decision = decide(
      plan_of({anna}, 2), Standing({row_of(created, contact), row_of(created, anna)}), plain_hash(), now);
  EXPECT_THAT(std::get<Work>(decision).left_out, SizeIs(0));
}

TEST(Decide, ARecordWhoseSlotIsGoneIsLeftAndTheOutcomeSaysSo) {
  const auto plan = plan_of({anna});
  const auto decision = decide(plan_of({note_on("c2", "bo@contoso.example")}, 2),
                               Standing({row_of(plan, anna)}), plain_hash(), now);
  const auto& left_out = std::get<Work>(decision).left_out;
  ASSERT_THAT(left_out, SizeIs(1));
  EXPECT_EQ(left_out[0].what, "note on contact c1");
  EXPECT_EQ(left_out[0].reason, "no longer part of the session; the record is left as it is");
}

TEST(Decide, WhatMayBeThereInASlotThatIsGoneIsTold) {
  const auto gone = [](LedgerRow::State state, std::string crm_id) {
    auto row = row_of(plan_of({anna}), anna, state);
    row.crm_id = std::move(crm_id);
    const auto decision =
        decide(plan_of({note_on("c2", "bo@contoso.example")}, 2), Standing({row}), plain_hash(), now);
    std::string told;
    for (const auto& each : std::get<Work>(decision).left_out) told += each.what + ": " + each.reason;
    return told;
  };
  const auto may_be_there =
      "note on contact c1: no longer part of the session; an earlier revision's request to create it got no "
      "answer: it may be there";
  EXPECT_EQ(gone(LedgerRow::State::InDoubt, ""), may_be_there);
  EXPECT_EQ(gone(LedgerRow::State::Sent, ""), may_be_there);
  EXPECT_THAT(gone(LedgerRow::State::Sent, "n1"), testing::HasSubstr("which revision it holds is not known"));
  EXPECT_EQ(gone(LedgerRow::State::Failed, ""), "");
  EXPECT_EQ(gone(LedgerRow::State::DeletedByPerson, "n1"), "");
}

}  // namespace
}  // namespace aftercall::crm_writer
