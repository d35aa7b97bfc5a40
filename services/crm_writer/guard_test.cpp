#include "crm_writer/guard.hpp"

#include <gmock/gmock.h>

#include "crm_writer/unkeyed_for_tests.hpp"

namespace aftercall::crm_writer::unkeyed {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using State = ArtifactState::State;

class Guard : public Unkeyed {};

TEST_F(Guard, APersonIsCreatedBeforeTheNoteThatHangsOnIt) {
  const auto outcome = write(plan_of({person(), note_on_person()}));
  EXPECT_EQ(reason(outcome), "written");
  ASSERT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1));
  ASSERT_THAT(crm_.of(ArtifactKind::Note), SizeIs(1));
  EXPECT_EQ(crm_.of(ArtifactKind::Note)[0].on, "1");
  EXPECT_EQ(crm_.looks, 2) << "before and after";
  EXPECT_EQ(reason(write(plan_of({person(), note_on_person()}))), "already there");
  EXPECT_EQ(crm_.looks, 2);
}

TEST_F(Guard, APersonAddedMeanwhileIsTaken) {
  the_time += 9min;
  crm_.add(ArtifactKind::Contact, "ola@nord.test");
  write(plan_of({person(), note_on_person()}));
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1));
  EXPECT_EQ(crm_.of(ArtifactKind::Note).at(0).on, "1");
}

TEST_F(Guard, TwoSessionsWithOneUnknownPersonLeaveOnePersonWithTwoNotes) {
  std::vector<Plan> plans(2, plan_of({person(), note_on_person()}));
  plans[1].session.session = SessionId("2");
  plans[1].artifacts[1].key = "key:session 2";
  EXPECT_THAT(write_together(plans), ElementsAre("written", "written"));
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1));
  ASSERT_THAT(crm_.of(ArtifactKind::Note), SizeIs(2));
  for (const auto& each : crm_.of(ArtifactKind::Note)) EXPECT_EQ(each.on, "1");
  EXPECT_EQ(crm_.creates, 4);
  EXPECT_EQ(crm_.removals, 1);
}

TEST_F(Guard, APersonCreatedJustBeforeTheWriterDiedIsFoundAndServes) {
  crash_while_putting(plan_of({person(), note_on_person()}), ArtifactKind::Contact);
  const auto early = failed(write(plan_of({person(), note_on_person()})));
  EXPECT_EQ(early.failure.cause, Cause::Unanswered);
  EXPECT_THAT(crm_.of(ArtifactKind::Note), IsEmpty()) << "a note uses the contact only when it is written";
  EXPECT_EQ(early.artifacts.at(1).state, State::InDoubt);
  the_time += 31s;
  EXPECT_EQ(reason(write(plan_of({person(), note_on_person()}))), "written");
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1));
}

TEST_F(Guard, ARestartGoesOnWhereTheRowSaysCreated) {
  int looks = 0;
  crm_.then = [&](const crm::Put& put) {
    if (put.kind == ArtifactKind::Contact) crm_.look_fails = Failure{Cause::RateLimited, "slower", 2s};
    ++looks;
  };
  EXPECT_EQ(failed(write(plan_of({person(), note_on_person()}))).failure.cause, Cause::RateLimited);
  crm_.look_fails.reset();
  begin_anew();
  crm_.records.insert(crm_.records.begin(),
                      {0, ArtifactKind::Contact, "ola@nord.test", "", {}, "", the_time});
  const auto outcome = write(plan_of({person(), note_on_person()}));
  EXPECT_EQ(reason(outcome), "written");
  ASSERT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1)) << "ours was the later one, and empty";
  EXPECT_EQ(crm_.of(ArtifactKind::Note).at(0).on, "0");
}

TEST_F(Guard, OfTwinsOursStaysToo_IfSomebodyUsesItByNow) {
  crm_.then = [&](const crm::Put& put) {
    if (put.kind == ArtifactKind::Contact) crm_.look_fails = Failure{Cause::RateLimited, "slower", 2s};
  };
  EXPECT_EQ(failed(write(plan_of({person(), note_on_person()}))).failure.cause, Cause::RateLimited);
  crm_.look_fails.reset();
  crm_.records.insert(crm_.records.begin(),
                      {0, ArtifactKind::Contact, "ola@nord.test", "", {}, "", the_time});
  crm_.remove_fails = Failure{Cause::Rejected, "the person is in use", std::nullopt, Spent{3, 31}};
  const auto outcome = write(plan_of({person(), note_on_person()}));
  EXPECT_EQ(reason(outcome), "written");
  EXPECT_EQ(std::get<stage::Settle>(outcome).settled.spent, (Spent{1 + 3 + 1, 31})) << "list, reads, note";
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(2));
  EXPECT_EQ(crm_.of(ArtifactKind::Note).at(0).on, "0");
  EXPECT_THAT(std::get<stage::Settle>(outcome).settled.artifacts.at(0).reason,
              testing::HasSubstr("person 1, stays (the person is in use): merge the two"));
}

// The list shows what is new a little late: ours may be there without standing in it.
TEST_F(Guard, OfTwinsOursGoesThoughTheListDoesNotShowItYet) {
  crm_.then = [&](const crm::Put& put) {
    if (put.kind != ArtifactKind::Contact) return;
    crm_.records.insert(crm_.records.begin(),
                        {0, ArtifactKind::Contact, "ola@nord.test", "", {}, "", the_time, false});
    crm_.unlisted = 1;
  };
  const auto outcome = write(plan_of({person(), note_on_person()}));
  EXPECT_EQ(reason(outcome), "written");
  ASSERT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1));
  EXPECT_EQ(crm_.of(ArtifactKind::Contact)[0].id, 0);
}

TEST_F(Guard, ATwinThatWeMayNotRemoveStaysAndIsNamed) {
  crm_.then = [&](const crm::Put& put) {
    if (put.kind == ArtifactKind::Contact)
      crm_.records.insert(crm_.records.begin(),
                          {0, ArtifactKind::Contact, "ola@nord.test", "", {}, "", the_time, false});
  };
  crm_.remove_fails = Failure{Cause::NotPermitted, "403"};
  const auto outcome = write(plan_of({person(), note_on_person()}));
  ASSERT_EQ(reason(outcome), "written");
  EXPECT_THAT(std::get<stage::Settle>(outcome).settled.artifacts.at(0).reason,
              testing::HasSubstr("person 1, stays (403): merge the two"));
}

// The unit stops between creating the person and looking whether somebody else did so, too; by the next
// revision the matcher finds that other person.
class GuardAbandoned : public Guard {
 protected:
  void create_and_stop() {
    crm_.then = [&](const crm::Put& put) {
      if (put.kind == ArtifactKind::Contact) crm_.look_fails = Failure{Cause::RateLimited, "slower", 2s};
    };
    EXPECT_EQ(failed(write(plan_of({person(), note_on_person()}))).failure.cause, Cause::RateLimited);
    crm_.look_fails.reset();
    crm_.then = [](const crm::Put&) {};
    begin_anew();
  }
  static std::vector<LeftOut> left_out(const stage::Outcome& outcome) {
    return std::get<stage::Settle>(outcome).settled.left_out;
  }
};

TEST_F(GuardAbandoned, OursIsNamedAndStaysWhereALaterRevisionPutsNothingOnIt) {
  create_and_stop();
  const auto outcome = write(plan_of({note()}, 2));
  ASSERT_EQ(reason(outcome), "written");
  ASSERT_THAT(left_out(outcome), SizeIs(1));
  EXPECT_EQ(left_out(outcome)[0].what, "contact 1");
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1)) << "another session may be about to use it";
  EXPECT_EQ(reason(write(plan_of({person(), note_on_person()}))), "superseded");
}

TEST_F(GuardAbandoned, OursStaysWhereTheLaterRevisionFoundJustThatOne) {
  create_and_stop();
  auto on_ours = note();
  on_ours.target.record->id = "1";
  const auto outcome = write(plan_of({on_ours}, 2));
  ASSERT_EQ(reason(outcome), "written");
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1));
  EXPECT_THAT(left_out(outcome), IsEmpty());
}

TEST_F(GuardAbandoned, APersonWhoMayBeThereIsSpokenOf) {
  crash_while_putting(plan_of({person(), note_on_person()}), ArtifactKind::Contact);
  const auto outcome = write(plan_of({note()}, 2));
  ASSERT_EQ(reason(outcome), "written");
  ASSERT_THAT(left_out(outcome), SizeIs(1));
  EXPECT_THAT(left_out(outcome)[0].reason, testing::HasSubstr("may be there a second time"));
}

// The unit waits before it looks again, and meanwhile a user sees an empty new person.
class GuardGone : public GuardAbandoned {
 protected:
  ArtifactState contact_of(const stage::Outcome& outcome) {
    const auto* const settle = std::get_if<stage::Settle>(&outcome);
    EXPECT_NE(settle, nullptr) << reason(outcome);
    return settle == nullptr ? ArtifactState() : settle->settled.artifacts.at(0);
  }
};

TEST_F(GuardGone, APersonOfOursWhomSomebodyDeletedStaysDeletedAndTheUnitEnds) {
  create_and_stop();
  crm_.records.clear();
  const auto early = failed(write(plan_of({person(), note_on_person()})));
  EXPECT_EQ(early.failure.cause, Cause::ServerError) << "the list may show what is new a little late";
  the_time += 31s;
  const auto outcome = write(plan_of({person(), note_on_person()}));
  EXPECT_EQ(reason(outcome), "deleted by a person");
  EXPECT_EQ(contact_of(outcome).state, State::DeletedByPerson);
  EXPECT_THAT(contact_of(outcome).reason, testing::HasSubstr("person 1, whom this session created"));
  begin_anew();
  EXPECT_EQ(reason(write(plan_of({person(), note_on_person()}))), "deleted by a person");
  EXPECT_EQ(crm_.creates, 1);
}

TEST_F(GuardGone, OfOneOfOursWhoWasMergedIntoAnOlderPersonThatOneServes) {
  create_and_stop();
  crm_.records = {{0, ArtifactKind::Contact, "ola@nord.test", "", {}, "", the_time - 24h * 365, false}};
  the_time += 31s;
  const auto outcome = write(plan_of({person(), note_on_person()}));
  EXPECT_EQ(reason(outcome), "written");
  EXPECT_EQ(contact_of(outcome).crm_id, "0");
  EXPECT_THAT(contact_of(outcome).reason, testing::HasSubstr("merged or deleted"));
  ASSERT_THAT(crm_.of(ArtifactKind::Note), SizeIs(1));
  EXPECT_EQ(crm_.of(ArtifactKind::Note)[0].on, "0");
  EXPECT_EQ(crm_.removals, 0) << "there is nothing to take back";
}

class GuardInDoubt : public Guard {
 protected:
  // Another session's person is made first; ours comes after it, and its answer is lost.
  void lose_the_answer_beside_anothers() {
    crm_.fate = [this](const crm::Put& put) {
      if (put.kind != ArtifactKind::Contact) return FakeCrm::Fate::Answered;
      crm_.add(ArtifactKind::Contact, "ola@nord.test");
      return FakeCrm::Fate::AnswerLost;
    };
    EXPECT_EQ(failed(write(plan_of({person(), note_on_person()}))).failure.cause, Cause::Unanswered);
    crm_.fate = [](const crm::Put&) { return FakeCrm::Fate::Answered; };
    ASSERT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(2));
    the_time += 31s;
  }
  std::string adopted(const Artifact& who = person()) {
    const auto outcome = write(plan_of({who, note_on_person()}));
    EXPECT_EQ(reason(outcome), "written");
    EXPECT_EQ(crm_.of(ArtifactKind::Note).at(0).on, "1");
    return std::get<stage::Settle>(outcome).settled.artifacts.at(0).reason;
  }
};

TEST_F(GuardInDoubt, TwoSessionsWithOneUnknownPersonLeaveOne_AlsoWhenOneOfThemGotNoAnswer) {
  int created = 0;
  crm_.fate = [&](const crm::Put& put) {
    const bool second = put.kind == ArtifactKind::Contact && ++created == 2;
    return second ? FakeCrm::Fate::AnswerLost : FakeCrm::Fate::Answered;
  };
  std::vector<Plan> plans(2, plan_of({person(), note_on_person()}));
  plans[1].session.session = SessionId("2");
  plans[1].artifacts[1].key = "key:session 2";
  EXPECT_THAT(write_together(plans), testing::UnorderedElementsAre("written", "unanswered"));
  the_time += 31s;
  for (const auto& plan : plans) {
    const auto again = reason(write(plan));
    EXPECT_TRUE(again == "written" || again == "already there") << again;
  }
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1));
  ASSERT_THAT(crm_.of(ArtifactKind::Note), SizeIs(2));
  for (const auto& each : crm_.of(ArtifactKind::Note)) EXPECT_EQ(each.on, "1");
}

TEST_F(GuardInDoubt, OfTwinsOursGoesAndIsNamed) {
  lose_the_answer_beside_anothers();
  EXPECT_THAT(adopted(), testing::HasSubstr("contact 2, made twice, was removed"));
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(1));
}

TEST_F(GuardInDoubt, OfTwinsOursStaysAndBothAreNamedIfSomebodyUsesIt) {
  lose_the_answer_beside_anothers();
  crm_.remove_fails = Failure{Cause::Rejected, "the person is in use"};
  EXPECT_THAT(adopted(),
              testing::HasSubstr("contact 2 is the same and stays (the person is in use): merge it "
                                 "with contact 1"));
}

TEST_F(GuardInDoubt, ATwinThatIsNotAsWeSentItStaysAndIsNamed) {
  lose_the_answer_beside_anothers();
  crm_.records.back().ours = false;
  EXPECT_THAT(adopted(), testing::HasSubstr("contact 2 is the same and stays"));
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(2));
  EXPECT_EQ(crm_.removals, 0);
}

TEST_F(GuardInDoubt, ATwinFromBeforeTheSendingIsNotOurs) {
  lose_the_answer_beside_anothers();
  crm_.records.back().added = the_time - 20min;
  auto looked_for_long_ago = person();
  looked_for_long_ago.person.looked_at = the_time - 1h;
  EXPECT_THAT(adopted(looked_for_long_ago), testing::HasSubstr("contact 2 is the same and stays"));
  EXPECT_THAT(crm_.of(ArtifactKind::Contact), SizeIs(2));
}

TEST_F(Guard, ANoteWaitsAsItsContactDoes) {
  crm_.refuses = [](const crm::Put& put) {
    return put.kind == ArtifactKind::Contact ? std::optional(Failure{Cause::NotPermitted, "persons"})
                                             : std::nullopt;
  };
  const auto blocked = failed(write(plan_of({person(), note_on_person()})));
  EXPECT_EQ(blocked.failure.cause, Cause::NotPermitted);
  EXPECT_THAT(crm_.of(ArtifactKind::Note), IsEmpty());
  crm_.refuses = [](const crm::Put&) { return std::nullopt; };
  EXPECT_EQ(reason(write(plan_of({person(), note_on_person()}))), "written");
}

TEST_F(Guard, AnActivityNamesAPersonOnceHeIsThere) {
  auto with_ola = activity();
  with_ola.beside.push_back({std::nullopt, "key:ola"});
  crm_.fate = [](const crm::Put& put) {
    return put.kind == ArtifactKind::Contact ? FakeCrm::Fate::AnswerLost : FakeCrm::Fate::Answered;
  };
  const auto plan = plan_of({person(), with_ola});
  EXPECT_EQ(failed(write(plan)).failure.cause, Cause::Unanswered);
  EXPECT_THAT(crm_.of(ArtifactKind::Activity).at(0).beside, IsEmpty());
  the_time += 31s;
  EXPECT_EQ(reason(write(plan)), "written");
  EXPECT_THAT(crm_.of(ArtifactKind::Activity).at(0).beside, ElementsAre("contact:1"));
}

}  // namespace
}  // namespace aftercall::crm_writer::unkeyed
