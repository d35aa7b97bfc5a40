// What passes through a stage comes out as it went in, fields of a newer release included.
#include <gtest/gtest.h>

#include "wire/contact_matched.hpp"
#include "wire/event_deferred.hpp"
#include "wire/note_ready.hpp"
#include "wire/tenant_config.hpp"
#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

v1::Session session_with_field_9999() {
  v1::Session message;
  message.set_tenant("acme");
  message.set_source("meetings");
  message.set_session_id("1");
  message.add_participants()->set_email("anna@contoso.example");
  message.add_transcript()->set_text("hello");
  message.GetReflection()->MutableUnknownFields(&message)->AddLengthDelimited(9999, "from the future");
  return message;
}

Matched matched() {
  Matched out;
  out.account = CrmAccount("dynamics365:1");
  out.connection = ConnectionId("main");
  out.capabilities.note_text_length = 100000;
  out.capabilities.note_text_in = Measure::Bytes;
  out.capabilities.contact_email_length = 100;
  out.capabilities.join_url_length = 600;
  out.capabilities.deals_need = "deals:read";
  out.capabilities.activities_need = "activities:full";
  ParticipantMatch match;
  match.identity = "anna@contoso.example";
  match.contact = CrmRecord{"contact", "c1", "Anna", "https://x/c1"};
  match.account = CrmRecord{"account", "a1", "Contoso", "https://x/a1"};
  match.rule = "only candidate";
  match.lookups = {{"contact by e-mail", "1 active"}};
  match.create = true;
  match.looked_at = instant_of(7000);
  out.capabilities.one_note = true;
  out.capabilities.activity_types = {{"Discovery Call", "discovery_call"}};
  out.participants = {match};
  out.deal = CrmRecord{"deal", "52", "Renewal", ""};
  out.own_deal = true;
  return out;
}

TEST(ContactMatched, CarriesAFieldThatThisReleaseDoesNotKnow) {
  const auto message = contact_matched(session_with_field_9999(), matched(), false);
  v1::ContactMatched again;
  ASSERT_TRUE(again.ParseFromString(message.SerializeAsString()));
  const auto& unknown = again.session().GetReflection()->GetUnknownFields(again.session());
  ASSERT_EQ(unknown.field_count(), 1);
  EXPECT_EQ(unknown.field(0).number(), 9999);
  EXPECT_EQ(again.session().transcript_size(), 0);
}

TEST(ContactMatched, ComesBackAsItWasMade) {
  const auto back = matched_session_of(contact_matched(session_with_field_9999(), matched(), true));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->session.transcript.size(), 1U);
  ASSERT_EQ(back->matched.participants.size(), 1U);
  EXPECT_EQ(back->matched.participants[0].contact, matched().participants[0].contact);
  EXPECT_EQ(back->matched.participants[0].lookups[0].answer, "1 active");
  EXPECT_EQ(back->matched.participants[0].looked_at, instant_of(7000));
  EXPECT_EQ(back->matched.deal, matched().deal);
  EXPECT_TRUE(back->matched.own_deal);
  EXPECT_TRUE(back->matched.capabilities.one_note);
  EXPECT_EQ(back->matched.capabilities.note_text_in, Measure::Bytes);
  EXPECT_EQ(back->matched.capabilities.contact_email_length, 100U);
  EXPECT_EQ(back->matched.capabilities.join_url_length, 600U);
  EXPECT_EQ(back->matched.capabilities.deals_need, "deals:read");
  EXPECT_EQ(back->matched.capabilities.activities_need, "activities:full");
  EXPECT_EQ(back->matched.capabilities.activity_types, matched().capabilities.activity_types);
}

TEST(ContactMatched, AMatchOfAMissingParticipantIsMalformed) {
  auto wrong = matched();
  wrong.participants[0].participant = 7;
  EXPECT_EQ(matched_session_of(contact_matched(session_with_field_9999(), wrong, true)).error().cause,
            Cause::Malformed);
}

Plan plan() {
  Plan out;
  out.session = {TenantId("acme"), SourceId("meetings"), SessionId("1")};
  out.revision = {Revision::Kind::Number, 3, instant_of(1000), "hash"};
  out.account = CrmAccount("dynamics365:1");
  out.contents = {{"Title", "<p>text</p>", "https://x"}};
  Artifact person;
  person.key = "k1";
  person.kind = ArtifactKind::Contact;
  person.person = {"Anna", "anna@contoso.example", ""};
  Artifact note;
  note.key = "k2";
  note.target.artifact = "k1";
  note.aliases = {{"k3", "+46701234567"}};
  note.main = true;
  out.artifacts = {person, note};
  return out;
}

TEST(NoteReady, ComesBackAsItWasMade) {
  const auto back = plan_of(note_ready(plan()));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->revision, plan().revision);
  EXPECT_EQ(back->artifacts[1].target, plan().artifacts[1].target);
  EXPECT_EQ(back->artifacts[1].aliases[0].slot, "+46701234567");
  EXPECT_TRUE(back->artifacts[1].main);
}

TEST(NoteReady, AnActivityComesBackWithItsOccasionAndWhatStandsBesideIt) {
  auto with_activity = plan();
  with_activity.spent = {3, 45};
  with_activity.artifacts[0].person.looked_at = instant_of(5000);
  Artifact activity;
  activity.key = "k4";
  activity.kind = ArtifactKind::Activity;
  activity.target.artifact = "k1";
  activity.beside = {Target{CrmRecord{"deal", "52", "Renewal", ""}, ""}, Target{std::nullopt, "k1"}};
  activity.occasion = {"discovery_call", instant_of(9000), std::chrono::minutes(45), true};
  activity.own_deal = true;
  with_activity.artifacts.push_back(activity);
  const auto back = plan_of(note_ready(with_activity));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->spent, with_activity.spent);
  EXPECT_EQ(back->artifacts[0].person.looked_at, instant_of(5000));
  EXPECT_EQ(back->artifacts[2].kind, ArtifactKind::Activity);
  EXPECT_EQ(back->artifacts[2].beside, activity.beside);
  EXPECT_TRUE(back->artifacts[2].own_deal);
  EXPECT_FALSE(back->artifacts[1].own_deal);
  EXPECT_EQ(back->artifacts[2].occasion.type, "discovery_call");
  EXPECT_EQ(back->artifacts[2].occasion.start, instant_of(9000));
  EXPECT_EQ(back->artifacts[2].occasion.duration, std::chrono::minutes(45));
  EXPECT_TRUE(back->artifacts[2].occasion.assumed);
}

TEST(NoteReady, AnActivityBesideAnArtifactThatDoesNotComeBeforeItIsMalformed) {
  auto wrong = plan();
  wrong.artifacts[1].beside = {Target{std::nullopt, "k9"}};
  EXPECT_EQ(plan_of(note_ready(wrong)).error().cause, Cause::Malformed);
}

TEST(NoteReady, AnArtifactOfANewerReleaseBlocks) {
  auto message = note_ready(plan());
  message.mutable_artifacts(0)->set_kind(static_cast<v1::Artifact::Kind::Value>(77));
  EXPECT_EQ(plan_of(message).error().cause, Cause::NeedsNewerStage);
}

TEST(NoteReady, ANoteThatHangsOnNothingIsMalformed) {
  auto wrong = plan();
  std::swap(wrong.artifacts[0], wrong.artifacts[1]);
  EXPECT_EQ(plan_of(note_ready(wrong)).error().cause, Cause::Malformed);
}

TEST(EventDeferred, KeepsARecordByteForByte) {
  Record record;
  record.at = {"t", 3, 42};
  record.key = std::string("k\0y", 3);
  record.value = std::string("\xff\x00v", 3);
  record.headers = {{"a", std::string("\x00\x01", 2)}};
  const auto back = from_wire(to_wire(record));
  EXPECT_EQ(back.at, record.at);
  EXPECT_EQ(back.key, record.key);
  EXPECT_EQ(back.value, record.value);
  EXPECT_EQ(back.headers, record.headers);
  record.value.reset();
  EXPECT_FALSE(from_wire(to_wire(record)).value);
}

TEST(TenantConfig, EveryWordComesBack) {
  for (int i = 0; i < 3; ++i) {
    Tenant tenant;
    tenant.ambiguity = static_cast<Ambiguity>(i);
    tenant.create_contacts = static_cast<CreateContacts>(i);
    const auto back = from_wire(to_wire(tenant));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->ambiguity, tenant.ambiguity);
    EXPECT_EQ(back->create_contacts, tenant.create_contacts);
    Source source;
    source.revisions = static_cast<Revisions>(i);
    EXPECT_EQ(from_wire(to_wire(source))->revisions, source.revisions);
  }
  for (int i = 0; i < 4; ++i) {
    Connection connection;
    connection.status = static_cast<ConnectionStatus>(i);
    EXPECT_EQ(from_wire(to_wire(connection))->status, connection.status);
  }
}

}  // namespace
}  // namespace aftercall::wire
