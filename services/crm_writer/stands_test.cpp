#include "crm_writer/stands.hpp"

#include <gmock/gmock.h>

#include "crm_writer/plans_for_tests.hpp"

namespace aftercall::crm_writer {
namespace {

using State = ArtifactState::State;

const Artifact anna = note_on("c1", "anna");
const Artifact bert = note_on("c2", "bert");

// How Anna's note stands in a plan of both, when this is all that the ledger knows.
ArtifactState annas(LedgerRow::State state, std::int64_t revision = 1) {
  const auto plan = plan_of({anna, bert}, revision);
  const auto stands = stood(plan, Standing({row_of(plan_of({anna}), anna, state)}), plain_hash());
  EXPECT_EQ(stands.artifacts.size(), 2U);
  EXPECT_EQ(stands.artifacts.back().state, State::Waiting);
  EXPECT_EQ(stands.artifacts.back().crm_id, "");
  return stands.artifacts.front();
}

TEST(Stands, ARecordThatIsThereIsToldWithItsId) {
  const auto state = annas(LedgerRow::State::Written);
  EXPECT_EQ(state.state, State::AlreadyThere);
  EXPECT_EQ(state.crm_id, "id:anna");
  EXPECT_EQ(state.slot_hash, "#anna");
  EXPECT_EQ(state.target.id, "c1");
}

TEST(Stands, AnEarlierRevisionsRecordWaitsForThisOnes) {
  const auto state = annas(LedgerRow::State::Written, 2);
  EXPECT_EQ(state.state, State::Waiting);
  EXPECT_EQ(state.crm_id, "id:anna");
}

TEST(Stands, WhatMayBeThereIsInDoubtAndWhatWasDeletedStaysSo) {
  EXPECT_EQ(annas(LedgerRow::State::InDoubt).state, State::InDoubt);
  EXPECT_EQ(annas(LedgerRow::State::Created).state, State::InDoubt);
  EXPECT_EQ(annas(LedgerRow::State::Sent).state, State::Waiting) << "an update: its record is there";
  EXPECT_EQ(annas(LedgerRow::State::DeletedByPerson).state, State::DeletedByPerson);
}

TEST(Stands, ARecordThatTwoParticipantsHaveIsToldOnce) {
  const auto plan = plan_of({note_on("c2", "anna"), note_on("c1", "bert")}, 2);
  const auto stands = stood(plan, Standing({row_of(plan_of({anna}), anna)}), plain_hash());
  EXPECT_EQ(stands.artifacts.size(), 1U);
}

TEST(Stands, WhereNothingIsThereNothingIsTold) {
  const auto plan = plan_of({anna, bert});
  const Standing refused({row_of(plan, anna, LedgerRow::State::Failed)});
  EXPECT_THAT(stood(plan, refused, plain_hash()).artifacts, testing::IsEmpty());
  EXPECT_THAT(stood(plan, Standing(), plain_hash()).artifacts, testing::IsEmpty());
}

}  // namespace
}  // namespace aftercall::crm_writer
