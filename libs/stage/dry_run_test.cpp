#include "stage/dry_run.hpp"

#include <gmock/gmock.h>

#include "aftercall/events/v1/contact_matched.pb.h"
#include "aftercall/events/v1/note_ready.pb.h"
#include "stage/drafts.hpp"

namespace aftercall::stage {
namespace {

namespace v1 = aftercall::events::v1;
using testing::HasSubstr;
using testing::Not;

const wire::TopicNames names;
const CrmAccount account("dynamics365:o1");

Maker maker(std::string_view stage) { return {stage, names, instant_of(5000), ""}; }

Event event() {
  Event event;
  event.record.key = "t1/s1/x";
  event.record.value = "bytes";
  event.envelope.id = "11111111-1111-5111-8111-111111111111";
  event.envelope.tenant = TenantId("t1");
  return event;
}

TEST(DryRun, AMatchIsShownWithWhoWasFoundAndByWhichRule) {
  v1::ContactMatched matched;
  matched.set_crm_account(account.str());
  auto& found = *matched.add_participants();
  found.set_participant(1);
  found.set_rule("the only active contact by e-mail");
  found.mutable_contact()->set_type("contact");
  found.mutable_contact()->set_id("c1");
  found.mutable_contact()->set_name("Maja\x1b[2J");
  auto& nobody = *matched.add_participants();
  nobody.set_participant(2);
  nobody.set_rule("nobody found");
  nobody.set_reason("no contact has this phone");
  const auto text =
      shown(emitted(maker("matcher"), event(), account, {"contact.matched", matched.SerializeAsString()}));
  EXPECT_EQ(text,
            "dry run: matcher would emit contact.matched of t1/s1/x in dynamics365:o1\n"
            "  participant 1: contact c1 (Maja [2J); the only active contact by e-mail\n"
            "  participant 2: nobody; nobody found: no contact has this phone\n");
}

TEST(DryRun, APlanIsShownByItsRecordsAndTitlesWithoutTheText) {
  v1::NoteReady plan;
  auto& content = *plan.add_contents();
  content.set_title("Demo");
  content.set_html("<p>secret</p>");
  auto& person = *plan.add_artifacts();
  person.set_kind(v1::Artifact::Kind::contact);
  person.mutable_person()->set_name("Nina");
  auto& note = *plan.add_artifacts();
  note.set_kind(v1::Artifact::Kind::note);
  note.mutable_target()->mutable_record()->set_type("contact");
  note.mutable_target()->mutable_record()->set_id("c1");
  note.add_beside()->mutable_record()->set_type("deal");
  const auto text =
      shown(emitted(maker("formatter"), event(), account, {"note.ready", plan.SerializeAsString()}));
  EXPECT_THAT(text, HasSubstr("\n  contact Nina\n  note on contact c1 and deal : Demo\n"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST(DryRun, WhatWouldBeSettledIsShownWithEachRecordAndWhatIsLeftOut) {
  auto end = settle("would be written", "a detail");
  ArtifactState note;
  note.target = {"contact", "c1", "", ""};
  note.reason = "would be created: Demo";
  end.settled.artifacts.push_back(note);
  note.target.id = "c2";
  note.state = ArtifactState::State::AlreadyThere;
  note.reason.clear();
  end.settled.artifacts.push_back(note);
  end.settled.left_out.push_back({"note on the appointment", "none found"});
  Unit unit;
  unit.account = account;
  EXPECT_EQ(shown(settled(maker("crm_writer"), event(), unit, std::move(end))),
            "dry run: crm_writer would settle t1/s1/x in dynamics365:o1: would be written\n"
            "  a detail\n"
            "  note on contact c1: would be created: Demo\n"
            "  note on contact c2: already there\n"
            "  left out: note on the appointment: none found\n");
}

TEST(DryRun, WhatWouldBeDeferredIsShownWithItsCause) {
  const Deferral deferral{.kind = Kind::Blocked, .failure = {Cause::NotAuthorized, "connect it again"}};
  EXPECT_EQ(shown(deferred(maker("matcher"), event(), account, deferral)),
            "dry run: matcher would defer t1/s1/x in dynamics365:o1: blocked, not_authorized\n"
            "  connect it again\n");
}

TEST(DryRun, EachRunHasAnIdOfItsOwn) {
  const auto run = new_run();
  EXPECT_EQ(run.size(), 26U);
  EXPECT_NE(run, new_run());
}

}  // namespace
}  // namespace aftercall::stage
