#include "policy/keys.hpp"

#include <gtest/gtest.h>

#include <set>

namespace aftercall {
namespace {

const CrmAccount account("dynamics365:11111111-2222-3333-4444-555555555555");
const SessionKey session{TenantId("acme"), SourceId("dci"), SessionId("meeting/42")};

ArtifactName note() { return {account, session, ArtifactKind::Note, "anna@example.se", 0}; }

// The expected values were computed with Python's uuid module. A change here writes every record a second
// time.
TEST(Keys, OfAnArtifactNeverChange) {
  EXPECT_EQ(artifact_key(note()), "c1c0aca3-e07d-56c5-b989-a46765d1df52");
  auto second_part = note();
  second_part.part = 1;
  EXPECT_EQ(artifact_key(second_part), "d35e55fa-56b4-55cf-bb5f-551c6e44cddb");
}

TEST(Keys, OfAContactKnowNoSession) {
  EXPECT_EQ(contact_key(account, session.tenant, "anna@example.se"), "ffa4cabc-10c4-5fef-975a-6c04d2382584");
}

TEST(Keys, EventIdsNeverChange) {
  const Revision revision{Revision::Kind::Number, 3, instant_of(1000), "c0ffee"};
  EXPECT_EQ(accepted_event_id(session, revision), "0dffbd20-a0f4-5757-bb5c-3a90f4157f40");
  EXPECT_EQ(derived_event_id("0dffbd20-a0f4-5757-bb5c-3a90f4157f40", "matcher", account, ""),
            "307a4f70-37c5-5450-b56d-6435ef7de949");
  EXPECT_EQ(unparsed_event_id({"aftercall.session.finished.v1", 3, 99}),
            "736946ec-c99f-514d-95e8-7b5c1648bf51");
}

TEST(Keys, DependOnEveryPartOfAnArtifactsName) {
  std::set<std::string> keys{artifact_key(note())};
  auto name = note();
  name.account = CrmAccount("dynamics365:other");
  keys.insert(artifact_key(name));
  name = note(), name.session.tenant = TenantId("other");
  keys.insert(artifact_key(name));
  name = note(), name.session.source = SourceId("other");
  keys.insert(artifact_key(name));
  name = note(), name.session.session = SessionId("other");
  keys.insert(artifact_key(name));
  name = note(), name.kind = ArtifactKind::Contact;
  keys.insert(artifact_key(name));
  name = note(), name.slot = "other";
  keys.insert(artifact_key(name));
  name = note(), name.part = 1;
  keys.insert(artifact_key(name));
  EXPECT_EQ(keys.size(), 8U);
}

TEST(Keys, TheSameStateSentTwiceIsOneEventWheneverItArrived) {
  const Revision first{Revision::Kind::Arrival, 1000, instant_of(1000), "c0ffee"};
  const Revision again{Revision::Kind::Arrival, 2000, instant_of(2000), "c0ffee"};
  const Revision edited{Revision::Kind::Arrival, 2000, instant_of(2000), "decaf"};
  EXPECT_EQ(accepted_event_id(session, first), accepted_event_id(session, again));
  EXPECT_NE(accepted_event_id(session, first), accepted_event_id(session, edited));
}

TEST(Keys, AReplayedEventIsAnotherOne) {
  EXPECT_NE(derived_event_id("parent", "matcher", account, ""),
            derived_event_id("parent", "matcher", account, "run"));
}

}  // namespace
}  // namespace aftercall
