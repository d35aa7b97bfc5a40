#include "crm_writer/unkeyed.hpp"

#include <gmock/gmock.h>

#include "crm_writer/unkeyed_for_tests.hpp"
#include "wire/delivery_ledger.hpp"

namespace aftercall::crm_writer::unkeyed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using State = ArtifactState::State;

TEST_F(Unkeyed, WritesNoteAndActivityOnceAndSaysSentBefore) {
  crm_.then = [&](const crm::Put&) {
    wire::v1::LedgerRow row;
    const auto& rows = bus_.records(names_.of(wire::topic::delivery_ledger), 0);
    row.ParseFromString(rows.back().value.value_or(""));
    EXPECT_EQ(row.state(), wire::v1::LedgerRow::State::sent) << "not announced before it went out";
  };
  EXPECT_EQ(reason(write(plan_of({note(), activity()}))), "written");
  EXPECT_EQ(reason(write(plan_of({note(), activity()}))), "already there");
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({note(), activity()}))), "already there");
  EXPECT_EQ(crm_.creates, 2);
  EXPECT_EQ(crm_.looks, 0);
}

TEST_F(Unkeyed, ARevisionUpdatesInPlaceAlsoWhenADealAppearsAndCreatesWhatIsNewlyDue) {
  write(plan_of({note()}));
  EXPECT_EQ(reason(write(plan_of({note(true), activity()}, 2))), "written");
  ASSERT_THAT(crm_.of(ArtifactKind::Note), SizeIs(1));
  EXPECT_THAT(crm_.of(ArtifactKind::Note)[0].beside, ElementsAre("deal:52"));
  EXPECT_THAT(crm_.of(ArtifactKind::Activity), SizeIs(1));
  EXPECT_EQ(reason(write(plan_of({note(true), activity()}, 3, "<p>edited</p>"))), "updated");
  EXPECT_EQ(crm_.of(ArtifactKind::Note)[0].text, "<p>edited</p>");
  EXPECT_EQ(crm_.of(ArtifactKind::Activity)[0].text, "<p>edited</p>");
  EXPECT_EQ(crm_.creates, 2);
}

// Of A and B only B was there; by the next revision A is, and has a deal of their own.
TEST_F(Unkeyed, AnotherPersonsDealIsNotTakenWhereTheFirstPersonStays) {
  write(plan_of({note(), activity()}));
  auto note_on_a = note_on("8", "session");
  auto with_a = activity();
  with_a.target.record->id = "8";
  for (auto* each : {&note_on_a, &with_a}) each->beside.push_back({CrmRecord{"deal", "66", "", ""}, ""});
  with_a.beside.push_back({CrmRecord{"contact", "7", "", ""}, ""});
  const auto outcome = write(plan_of({note_on_a, with_a}, 2, "<p>edited</p>"));
  ASSERT_EQ(reason(outcome), "updated");
  EXPECT_THAT(std::get<stage::Settle>(outcome).settled.artifacts[0].reason,
              HasSubstr("its deal is not taken"));
  EXPECT_EQ(crm_.of(ArtifactKind::Note)[0].on, "7");
  EXPECT_THAT(crm_.of(ArtifactKind::Note)[0].beside, IsEmpty());
  EXPECT_THAT(crm_.of(ArtifactKind::Activity)[0].beside, ElementsAre("contact:8"))
      << "took part all the same";
}

// But the one that the session names is the session's, whoever the person is.
TEST_F(Unkeyed, TheSessionsOwnDealIsLinkedAlsoWhereAnotherPersonStays) {
  write(plan_of({note(), activity()}));
  auto note_on_a = note_on("8", "session");
  auto with_a = activity();
  with_a.target.record->id = "8";
  for (auto* each : {&note_on_a, &with_a}) {
    each->beside.push_back({CrmRecord{"deal", "66", "", ""}, ""});
    each->own_deal = true;
  }
  const auto outcome = write(plan_of({note_on_a, with_a}, 2));
  ASSERT_EQ(reason(outcome), "updated");
  const auto& kept = std::get<stage::Settle>(outcome).settled.artifacts[0];
  EXPECT_EQ(kept.reason, "the contact chosen first stays; the match now is another one");
  EXPECT_EQ(crm_.of(ArtifactKind::Note)[0].on, "7");
  EXPECT_THAT(crm_.of(ArtifactKind::Note)[0].beside, ElementsAre("deal:66"));
  EXPECT_THAT(crm_.of(ArtifactKind::Activity)[0].beside, ElementsAre("deal:66", "contact:8"));
}

// The person's newest deal is another one now, and somebody has moved the note to a third.
TEST_F(Unkeyed, TheDealLinkedFirstStaysAndWherePeopleMoveTheNoteItStays) {
  write(plan_of({note(true)}));
  auto newer = note();
  newer.beside.push_back({CrmRecord{"deal", "66", "", ""}, ""});
  begin_anew();
  const auto again = write(plan_of({newer}));
  EXPECT_EQ(reason(again), "already there");
  EXPECT_THAT(std::get<stage::Settle>(again).settled.artifacts[0].reason,
              HasSubstr("the deal linked first stays"));
  EXPECT_EQ(crm_.updates, 0);
  crm_.records[0].beside = {"deal:99"};
  EXPECT_EQ(reason(write(plan_of({newer}, 2, "<p>edited</p>"))), "updated");
  EXPECT_EQ(reason(write(plan_of({note(true)}, 3, "<p>edited again</p>"))), "updated");
  EXPECT_THAT(crm_.of(ArtifactKind::Note)[0].beside, ElementsAre("deal:99"));
  EXPECT_EQ(reason(write(plan_of({note()}, 4, "<p>edited again</p>"))), "already there");
}

TEST_F(Unkeyed, ALinkWhoseUpdateGotNoAnswerIsMadeOnceMore) {
  write(plan_of({note()}));
  crm_.refuses = [](const crm::Put&) { return Failure{Cause::Timeout, "no answer"}; };
  EXPECT_EQ(failed(write(plan_of({note(true)}, 2))).failure.cause, Cause::Timeout);
  crm_.refuses = [](const crm::Put&) { return std::nullopt; };
  EXPECT_EQ(reason(write(plan_of({note(true)}, 2))), "updated");
  EXPECT_THAT(crm_.of(ArtifactKind::Note)[0].beside, ElementsAre("deal:52"));
}

TEST_F(Unkeyed, WhatWasSentWhenTheWriterDiedIsLookedUpAndAdopted) {
  crash_while_putting(plan_of({note()}), ArtifactKind::Note);
  const auto early = failed(write(plan_of({note()})));
  EXPECT_EQ(early.failure.cause, Cause::Unanswered);
  EXPECT_EQ(early.failure.retry_after, 30s);
  EXPECT_EQ(crm_.looks, 0);
  the_time += 31s;
  const auto outcome = write(plan_of({note()}));
  EXPECT_EQ(reason(outcome), "written");
  EXPECT_EQ(std::get<stage::Settle>(outcome).settled.artifacts[0].crm_id, "1");
  EXPECT_EQ(std::get<stage::Settle>(outcome).settled.spent.requests, 1);
  EXPECT_EQ(crm_.creates, 1);
  EXPECT_EQ(reason(write(plan_of({note()}))), "already there");
}

// Of the answer that was lost the refusal of the link was a part.
TEST_F(Unkeyed, ALinkToADealThatIsNotThereIsNotClaimedButTriedAgain) {
  crm_.refuses_deals = true;
  crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::AnswerLost; };
  EXPECT_EQ(failed(write(plan_of({note(true)}))).failure.cause, Cause::Unanswered);
  crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::Answered; };
  the_time += 31s;
  const auto refused = write(plan_of({note(true)}));
  ASSERT_EQ(reason(refused), "updated");
  EXPECT_THAT(std::get<stage::Settle>(refused).settled.artifacts[0].beside, IsEmpty());
  EXPECT_THAT(std::get<stage::Settle>(refused).settled.artifacts[0].reason,
              HasSubstr("link to the deal: archived"));
  const auto again = write(plan_of({note(true)}));
  ASSERT_EQ(reason(again), "already there");
  EXPECT_THAT(std::get<stage::Settle>(again).settled.artifacts[0].beside, IsEmpty());
  EXPECT_EQ(std::get<stage::Settle>(again).settled.artifacts[0].reason, "the link to deal 52 was refused");
  crm_.refuses_deals = false;
  EXPECT_EQ(reason(write(plan_of({note(true)}, 2, "<p>edited</p>"))), "updated");
  EXPECT_THAT(crm_.of(ArtifactKind::Note).at(0).beside, ElementsAre("deal:52"));
  EXPECT_EQ(crm_.creates, 1);
}

TEST_F(Unkeyed, WhatIsFoundWithItsDealOrOneThatPeopleMovedItToIsLeftSo) {
  for (const auto* const deal : {"deal:52", "deal:99"}) {
    crm_.records.clear();
    crm_.then = [&](const crm::Put&) { crm_.records.back().beside = {deal}; };
    crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::AnswerLost; };
    auto plan = plan_of({note(true)});
    plan.session.session = SessionId(deal);
    write(plan);
    the_time += 31s;
    EXPECT_EQ(reason(write(plan)), "written") << deal;
  }
  EXPECT_EQ(crm_.updates, 0);
}

TEST_F(Unkeyed, ALaterRevisionWaitsForTheLookAndThenUpdatesWhatWasFound) {
  crash_while_putting(plan_of({note()}), ArtifactKind::Note);
  EXPECT_EQ(failed(write(plan_of({note()}, 2, "<p>second</p>"))).failure.cause, Cause::Unanswered);
  the_time += 31s;
  EXPECT_EQ(reason(write(plan_of({note()}, 2, "<p>second</p>"))), "updated");
  ASSERT_THAT(crm_.of(ArtifactKind::Note), SizeIs(1));
  EXPECT_EQ(crm_.of(ArtifactKind::Note)[0].text, "<p>second</p>");
  EXPECT_EQ(reason(write(plan_of({note()}))), "superseded");
}

TEST_F(Unkeyed, IsRepeatedOnlyAfterTwoEmptyLooksAndTwoMinutes) {
  crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::NeverArrives; };
  EXPECT_EQ(failed(write(plan_of({note()}))).failure.cause, Cause::Unanswered);
  crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::Answered; };
  the_time += 31s;
  const auto once = failed(write(plan_of({note()})));
  EXPECT_EQ(once.failure.cause, Cause::Unanswered);
  EXPECT_EQ(once.failure.retry_after, 90s);
  the_time += 60s;
  begin_anew();
  EXPECT_EQ(failed(write(plan_of({note()}))).failure.retry_after, 30s);
  EXPECT_EQ(crm_.looks, 1);
  the_time += 30s;
  EXPECT_EQ(reason(write(plan_of({note()}))), "written");
  EXPECT_EQ(crm_.looks, 2);
  EXPECT_EQ(crm_.creates, 1);
}

TEST_F(Unkeyed, ALateCommitThatTheSecondLookFindsIsNotRepeated) {
  crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::NeverArrives; };
  write(plan_of({note()}));
  crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::Answered; };
  the_time += 31s;
  write(plan_of({note()}));
  crm_.records.push_back({++crm_.last_id, ArtifactKind::Note, note().key, "7", {}, "<p>text</p>", the_time});
  the_time += 90s;
  EXPECT_EQ(reason(write(plan_of({note()}))), "written");
  EXPECT_EQ(crm_.creates, 0);
}

TEST_F(Unkeyed, WhatWasMadeTwiceIsOneAgain) {
  crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::AnswerLost; };
  write(plan_of({note()}));
  crm_.records.push_back({++crm_.last_id, ArtifactKind::Note, note().key, "7", {}, "<p>text</p>", the_time});
  the_time += 31s;
  const auto outcome = write(plan_of({note()}));
  EXPECT_EQ(reason(outcome), "written");
  EXPECT_THAT(std::get<stage::Settle>(outcome).settled.artifacts[0].reason, HasSubstr("removed"));
  ASSERT_THAT(crm_.records, SizeIs(1));
  EXPECT_EQ(crm_.records[0].id, 1);
}

TEST_F(Unkeyed, TheOtherRecordsGoAhead) {
  crm_.fate = [](const crm::Put& put) {
    return put.kind == ArtifactKind::Note ? FakeCrm::Fate::AnswerLost : FakeCrm::Fate::Answered;
  };
  const auto first = failed(write(plan_of({note(), activity()})));
  EXPECT_EQ(first.failure.cause, Cause::Unanswered);
  EXPECT_THAT(crm_.of(ArtifactKind::Activity), SizeIs(1));
  ASSERT_THAT(first.artifacts, SizeIs(2));
  EXPECT_EQ(first.artifacts[0].state, State::InDoubt);
  EXPECT_EQ(first.artifacts[1].state, State::Written);
}

TEST_F(Unkeyed, AnActivityThatNeverGetsThroughNeedNotMakeTheUnitDeadAndANoteDoes) {
  auto refused = ArtifactKind::Activity;
  crm_.refuses = [&](const crm::Put& put) {
    return put.kind == refused ? std::optional(Failure{Cause::Unreachable, "no way"}) : std::nullopt;
  };
  earlier_ = {3, 0};
  auto plan = plan_of({note(), activity()});
  plan.spent = {2, 0};
  const auto waits = failed(write(plan));
  EXPECT_EQ(waits.failure.cause, Cause::Unreachable);
  ASSERT_TRUE(waits.if_given_up);
  EXPECT_EQ(waits.if_given_up->reason, "written");
  EXPECT_EQ(waits.if_given_up->spent, (Spent{2, 0})) << "the stages before; the runner knows the rest";
  refused = ArtifactKind::Note;
  EXPECT_FALSE(failed(write(plan_of({note(), activity()}, 2, "<p>edited</p>"))).if_given_up);
}

TEST_F(Unkeyed, AnActivityThatCannotBeFoundOutIsLeftOutAndNeverSentAgain) {
  crm_.fate = [](const crm::Put& put) {
    return put.kind == ArtifactKind::Activity ? FakeCrm::Fate::NeverArrives : FakeCrm::Fate::Answered;
  };
  write(plan_of({note(), activity()}));
  crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::Answered; };
  the_time += 31s;
  write(plan_of({note(), activity()}));
  the_time += 90s;
  const auto outcome = write(plan_of({note(), activity()}));
  ASSERT_TRUE(std::holds_alternative<stage::Settle>(outcome)) << reason(outcome);
  const auto& left = std::get<stage::Settle>(outcome).settled.artifacts.at(1);
  EXPECT_EQ(left.state, State::LeftOut);
  EXPECT_THAT(left.reason, HasSubstr("not sent a second time"));
  EXPECT_EQ(reason(write(plan_of({note(), activity()}, 2, "<p>second</p>"))), "updated");
  EXPECT_THAT(crm_.of(ArtifactKind::Activity), IsEmpty());
  // It turns up after all.
  crm_.records.push_back({++crm_.last_id, ArtifactKind::Activity, "key:activity", "7", {}, "", the_time});
  the_time += 10min;
  write(plan_of({note(), activity()}, 3, "<p>third</p>"));
  ASSERT_THAT(crm_.of(ArtifactKind::Activity), SizeIs(1));
  EXPECT_EQ(crm_.of(ArtifactKind::Activity)[0].text, "<p>third</p>");
}

// The conversation has another type by the next revision, or the type is no more: nobody looks any longer.
TEST_F(Unkeyed, AnActivityInDoubtThatALaterRevisionNoLongerHasIsTold) {
  crm_.fate = [](const crm::Put& put) {
    return put.kind == ArtifactKind::Activity ? FakeCrm::Fate::AnswerLost : FakeCrm::Fate::Answered;
  };
  EXPECT_EQ(failed(write(plan_of({note(), activity()}))).failure.cause, Cause::Unanswered);
  const auto outcome = write(plan_of({note()}, 2, "<p>second</p>"));
  ASSERT_EQ(reason(outcome), "updated");
  const auto& left_out = std::get<stage::Settle>(outcome).settled.left_out;
  ASSERT_THAT(left_out, SizeIs(1));
  EXPECT_EQ(left_out[0].what, "activity on contact 7");
  EXPECT_THAT(left_out[0].reason, HasSubstr("got no answer: it may be there"));
  the_time += 31s;
  EXPECT_EQ(reason(write(plan_of({note(), activity()}))), "superseded");
}

TEST_F(Unkeyed, ARefusalIsNoDoubt) {
  crm_.refuses = [](const crm::Put&) { return Failure{Cause::RateLimited, "slower", 2s}; };
  EXPECT_EQ(failed(write(plan_of({note()}))).failure.cause, Cause::RateLimited);
  crm_.refuses = [](const crm::Put&) { return std::nullopt; };
  EXPECT_EQ(reason(write(plan_of({note()}))), "written");
  EXPECT_EQ(crm_.looks, 0);
}

TEST_F(Unkeyed, ANoteWhosePersonIsGoneIsDeadAndSaysThatTheSessionBeSentAgain) {
  crm_.refuses = [](const crm::Put&) { return Failure{Cause::NotFound, "Person not found"}; };
  const auto dead = failed(write(plan_of({note(true)})));
  EXPECT_EQ(dead.failure.cause, Cause::NotFound);
  EXPECT_THAT(dead.failure.detail, HasSubstr("send the session again"));
}

TEST_F(Unkeyed, WhatItCostIncludesEarlierTriesAndThoseWithoutAnAnswer) {
  crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::AnswerLost; };
  const auto lost = failed(write(plan_of({note()})));
  EXPECT_EQ(lost.spent.requests, 1);
  earlier_ = lost.spent;
  the_time += 31s;
  crm_.look_fails = Failure{Cause::ServerError, "503", std::nullopt, Spent{2, 40}};
  const auto look = failed(write(plan_of({note()})));
  EXPECT_EQ(look.spent, (Spent{2, 40})) << "of this try alone";
  earlier_ += look.spent;
  crm_.look_fails.reset();
  const auto outcome = write(plan_of({note()}));
  ASSERT_EQ(reason(outcome), "written");
  EXPECT_EQ(std::get<stage::Settle>(outcome).settled.spent, (Spent{4, 40}));
}

TEST_F(Unkeyed, ARevisionThatWasRefusedDoesNotSupersede) {
  crm_.refuses = [](const crm::Put&) { return Failure{Cause::Rejected, "no"}; };
  EXPECT_EQ(reason(write(plan_of({note()}, 2))), "rejected");
  crm_.refuses = [](const crm::Put&) { return std::nullopt; };
  EXPECT_EQ(reason(write(plan_of({note()}, 1))), "written");
}

TEST_F(Unkeyed, AConnectorThatCallsALostCreateATimeoutIsNotTrusted) {
  crm_.refuses = [](const crm::Put&) { return Failure{Cause::Timeout, "no answer"}; };
  EXPECT_EQ(failed(write(plan_of({note()}))).failure.cause, Cause::Unanswered);
}

TEST_F(Unkeyed, ALookThatFailsLeavesTheDoubt) {
  crash_while_putting(plan_of({note()}), ArtifactKind::Note);
  the_time += 31s;
  crm_.look_fails = Failure{Cause::ServerError, "503"};
  EXPECT_EQ(failed(write(plan_of({note()}))).failure.cause, Cause::Unanswered);
  crm_.look_fails.reset();
  EXPECT_EQ(reason(write(plan_of({note()}))), "written");
  EXPECT_EQ(crm_.creates, 1);
}

TEST_F(Unkeyed, OnlyTheConnectionThatSentIsAskedAndWithoutItTheUnitIsBlocked) {
  crash_while_putting(plan_of({note()}), ArtifactKind::Note);
  the_time += 31s;
  Connection other;
  other.tenant = TenantId("acme");
  other.id = ConnectionId("other");
  other.crm = "fake";
  other.account = CrmAccount("dynamics365:1");
  other.status = ConnectionStatus::Connected;
  wire::v1::TenantConfig message;
  *message.mutable_connection() = wire::to_wire(other);
  directory_.apply(record_of(tenancy::config_record::connection, "other", message));
  auto plan = plan_of({note(), activity()});
  plan.connection = other.id;
  const auto main = *directory_.connection(TenantId("acme"), ConnectionId("main"));
  auto gone = main;
  gone.status = ConnectionStatus::Disconnected;
  *message.mutable_connection() = wire::to_wire(gone);
  directory_.apply(record_of(tenancy::config_record::connection, "main", message));
  const auto blocked = failed(write(plan));
  EXPECT_EQ(blocked.failure.cause, Cause::NotAuthorized);
  EXPECT_THAT(crm_.of(ArtifactKind::Activity), SizeIs(1)) << "the others go ahead";
  *message.mutable_connection() = wire::to_wire(main);
  directory_.apply(record_of(tenancy::config_record::connection, "main", message));
  EXPECT_EQ(reason(write(plan)), "written");
  EXPECT_THAT(crm_.asked_by, ElementsAre("main"));
}

TEST_F(Unkeyed, ADryRunAsksAndWritesNothing) {
  EXPECT_EQ(reason(write(plan_of({person(), note_on_person()}), false)), "would be written");
  EXPECT_THAT(crm_.records, IsEmpty());
  EXPECT_EQ(crm_.looks, 0);
}

}  // namespace
}  // namespace aftercall::crm_writer::unkeyed
