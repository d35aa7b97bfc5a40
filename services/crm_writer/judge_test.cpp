#include "crm_writer/judge.hpp"

#include <gmock/gmock.h>

#include "crm_writer/again.hpp"
#include "crm_writer/plans_for_tests.hpp"

namespace aftercall::crm_writer {
namespace {

using testing::SizeIs;
using State = ArtifactState::State;

const Instant now = instant_of(1'000'000);
const ConnectionId connection("main");

struct Case {
  Artifact artifact;
  Result<crm::Written> answer;
  crm::Mode mode = crm::Mode::Create;
};

struct Judged {
  Plan plan;
  std::vector<Done> done;
};

Judged judged(std::vector<Case> cases) {
  std::vector<Artifact> artifacts;
  artifacts.reserve(cases.size());
  for (const auto& each : cases) artifacts.push_back(each.artifact);
  Judged out{plan_of(std::move(artifacts)), {}};
  const auto decision = decide(out.plan, Standing(), plain_hash(), now);
  auto steps = std::get<Work>(decision).steps;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    steps[i].put->mode = cases[i].mode;
    out.done.push_back({steps[i], cases[i].answer});
  }
  return out;
}

Ending ending_of(const Judged& each) {
  return judge(each.plan, each.done, {}, plain_hash(), connection, Spent{1, 0});
}

Failure failure_of(const Judged& each) {
  const auto ending = ending_of(each);
  const auto* unfinished = std::get_if<Unfinished>(&ending);
  return unfinished == nullptr ? Failure{Cause::Expired, "it settled"} : unfinished->failure;
}

const Artifact anna = note_on("c1", "anna");
const Artifact bo = note_on("c2", "bo");
const Artifact account = note_on("a1", "account:a1", false);

TEST(Judge, AllWrittenSettlesWithEveryIdAndLink) {
  const auto ending = ending_of(judged({{anna, written("n1")}, {account, written("n2")}}));
  const auto& settled = std::get<Settled>(ending);
  EXPECT_EQ(settled.reason, "written");
  ASSERT_THAT(settled.artifacts, SizeIs(2));
  EXPECT_EQ(settled.artifacts[1].crm_id, "n2");
  EXPECT_EQ(settled.spent.requests, 1);
}

TEST(Judge, InDoubtBeforeTransientBeforeBlockedDecidesHowTheUnitWaits) {
  const Case blocked{anna, fail(Cause::NotAuthorized, "x")};
  const Case transient{bo, fail(Cause::RateLimited, "x")};
  const Case doubt{account, fail(Cause::Unanswered, "x")};
  EXPECT_EQ(failure_of(judged({blocked, transient, doubt})).cause, Cause::Unanswered);
  EXPECT_EQ(failure_of(judged({blocked, transient})).cause, Cause::RateLimited);
  EXPECT_EQ(failure_of(judged({blocked, {bo, written("n")}})).cause, Cause::NotAuthorized);
}

TEST(Judge, OnlyAMainRecordThatFailedForGoodIsDead) {
  EXPECT_EQ(failure_of(judged({{anna, fail(Cause::Rejected, "x")}, {account, written("n")}})).cause,
            Cause::Rejected);
  const auto ending =
      ending_of(judged({{anna, written("n")}, {account, fail(Cause::Rejected, "no such account")}}));
  const auto& settled = std::get<Settled>(ending);
  EXPECT_EQ(settled.artifacts[1].state, State::Failed);
  EXPECT_EQ(settled.artifacts[1].reason, "rejected: no such account");
}

TEST(Judge, WhatIsOpenBesideTheMainRecordsIsWaitedForAndMayBeGivenUp) {
  const auto if_given_up = [](std::vector<Case> cases) {
    return std::get<Unfinished>(ending_of(judged(std::move(cases)))).if_given_up;
  };
  const Result<crm::Written> later = fail(Cause::ServerError, "500");
  const auto end = if_given_up({{anna, written("n")}, {account, later}});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->reason, "written");
  ASSERT_THAT(end->artifacts, SizeIs(2));
  EXPECT_EQ(end->artifacts[1].reason, "server_error: 500");
  EXPECT_EQ(end->spent.requests, 0) << "of this stage's the runner knows";
  EXPECT_FALSE(if_given_up({{anna, written("n")}, {bo, later}}));
  EXPECT_FALSE(if_given_up({{anna, fail(Cause::Rejected, "x")}, {account, later}}));
  EXPECT_FALSE(if_given_up({{anna, fail(Cause::NotAuthorized, "x")}, {account, later}}));
}

TEST(Judge, ARightMissingBesideTheMainRecordLeavesThatOut) {
  const auto ending =
      ending_of(judged({{anna, written("n")}, {account, fail(Cause::NotPermitted, "prvCreateNote")}}));
  EXPECT_EQ(std::get<Settled>(ending).artifacts[1].state, State::LeftOut);
  EXPECT_EQ(failure_of(judged({{anna, fail(Cause::NotPermitted, "prvCreateNote")}})).cause,
            Cause::NotPermitted);
}

TEST(Judge, AnUpdateOfWhatIsGoneMeansAPersonDeletedIt) {
  const auto each = judged({{anna, fail(Cause::NotFound, "404"), crm::Mode::Update}});
  EXPECT_EQ(std::get<Settled>(ending_of(each)).reason, "deleted by a person");
  const auto rows = rows_of(each.plan, each.done, plain_hash(), connection, now);
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].state, LedgerRow::State::DeletedByPerson);
}

TEST(Rows, SayWhatWasWrittenAndNameTheRecordForEachAlias) {
  auto artifact = anna;
  artifact.aliases = {{"key:phone", "+46701234567"}};
  const auto each = judged({{artifact, written("n1")}});
  const auto rows = rows_of(each.plan, each.done, plain_hash(), connection, now);
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].same_as, rows[1].name);
  EXPECT_EQ(rows[0].name.slot_hash, "#+46701234567");
  EXPECT_EQ(rows[1].crm_id, "n1");
  EXPECT_EQ(rows[1].content_hash, content_hash_of(each.plan, artifact));
}

TEST(Rows, NameTheDealUnlessItWasRefused) {
  auto artifact = anna;
  const CrmRecord deal{"deal", "52", "", ""};
  artifact.beside = {Target{deal, ""}, Target{CrmRecord{"contact", "9", "", ""}, ""}};
  auto each = judged({{artifact, written("n1")}});
  EXPECT_EQ(rows_of(each.plan, each.done, plain_hash(), connection, now).at(0).deal.id, "52");
  (*each.done[0].answer)->left_out = "link to the deal: archived";
  (*each.done[0].answer)->without = {deal};
  EXPECT_EQ(rows_of(each.plan, each.done, plain_hash(), connection, now).at(0).deal.id, "");
  const auto ending = ending_of(each);
  EXPECT_EQ(std::get<Settled>(ending).artifacts.at(0).reason, "link to the deal: archived");
  ASSERT_THAT(std::get<Settled>(ending).artifacts[0].beside, SizeIs(1));
  EXPECT_EQ(std::get<Settled>(ending).artifacts[0].beside[0].id, "9") << "was not refused";
}

TEST(Rows, AnUnansweredUpdateIsRemembered) {
  const auto each = judged({{anna, fail(Cause::Timeout, "x"), crm::Mode::Update}});
  const auto rows = rows_of(each.plan, each.done, plain_hash(), connection, now);
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].state, LedgerRow::State::Sent);
  EXPECT_EQ(rows[0].sent_at, now);
}

TEST(Rows, AKeyedCreateThatFailedLeavesNone) {
  const auto each = judged({{anna, fail(Cause::Timeout, "x")}, {bo, fail(Cause::Rejected, "x")}});
  EXPECT_THAT(rows_of(each.plan, each.done, plain_hash(), connection, now), SizeIs(0));
}

TEST(Rows, ARevisionThatWasRefusedWholeLeavesNoTrace) {
  EXPECT_FALSE(
      left_traces(judged({{anna, fail(Cause::NotAuthorized, "x")}, {bo, fail(Cause::Rejected, "x")}}).done));
  EXPECT_TRUE(left_traces(judged({{anna, fail(Cause::Timeout, "x")}}).done));
  EXPECT_TRUE(left_traces(judged({{anna, fail(Cause::Rejected, "x")}, {bo, written("n")}}).done));
}

TEST(Again, ARecordThatWasThereAlreadyGetsThisPlansContent) {
  const auto each = judged({{anna, written("n1", crm::Written::How::Existed)}});
  ASSERT_TRUE(needs_content(each.plan, each.done[0]));
  const auto step = with_content(each.done[0]);
  EXPECT_EQ(step.put->mode, crm::Mode::Update);
  EXPECT_EQ(step.put->id, "n1");
}

Artifact contact_of_eva() {
  Artifact contact;
  contact.key = "contact-key";
  contact.kind = ArtifactKind::Contact;
  return contact;
}

Artifact note_on_eva() {
  auto note = note_on("", "eva");
  note.target.record.reset();
  note.target.artifact = "contact-key";
  return note;
}

TEST(Again, ANoteFallsWithTheContactItHangsOn) {
  const auto contact = contact_of_eva();
  const auto note = note_on_eva();
  auto each = judged({{contact, fail(Cause::ServerError, "503")}, {note, fail(Cause::NotFound, "contact")}});
  follow_contacts(each.plan, each.done);
  EXPECT_EQ(each.done[1].answer->error().cause, Cause::ServerError);
  EXPECT_EQ(failure_of(each).cause, Cause::ServerError);
}

TEST(Again, AContactThatAPersonTookAwayEndsTheUnitWithoutARecord) {
  const Result<crm::Written> gone = fail(Cause::NotFound, "deactivated");
  auto each = judged({{contact_of_eva(), gone}, {note_on_eva(), gone}});
  follow_contacts(each.plan, each.done);
  const auto ending = ending_of(each);
  const auto* const settled = std::get_if<Settled>(&ending);
  ASSERT_NE(settled, nullptr);
  EXPECT_EQ(settled->reason, "no contact");
  EXPECT_EQ(settled->detail, "deactivated");
  ASSERT_THAT(settled->artifacts, SizeIs(2));
  for (const auto& artifact : settled->artifacts) EXPECT_EQ(artifact.state, State::LeftOut);
  EXPECT_EQ(settled->artifacts[1].reason, "its contact: deactivated");
  EXPECT_THAT(rows_of(each.plan, each.done, plain_hash(), connection, now), SizeIs(0));
  EXPECT_FALSE(left_traces(each.done));
}

TEST(Again, AContactThatAPersonTookAwayLeavesTheOthersTheirNotes) {
  const Result<crm::Written> gone = fail(Cause::NotFound, "deactivated");
  auto each = judged({{contact_of_eva(), gone}, {note_on_eva(), gone}, {anna, written("n1")}});
  follow_contacts(each.plan, each.done);
  const auto ending = ending_of(each);
  EXPECT_EQ(std::get<Settled>(ending).reason, "written");
  EXPECT_EQ(std::get<Settled>(ending).detail, "deactivated");
}

TEST(Again, AMatchedContactThatIsGoneIsStillAFailure) {
  auto each = judged({{anna, fail(Cause::NotFound, "404")}});
  follow_contacts(each.plan, each.done);
  EXPECT_EQ(failure_of(each).cause, Cause::NotFound);
}

}  // namespace
}  // namespace aftercall::crm_writer
