#include "ingest/receive.hpp"

#include <gmock/gmock.h>

#include "ingest/test_golden.hpp"
#include "policy/digest.hpp"
#include "wire/envelope.hpp"
#include "wire/session_finished.hpp"
#include "wire/time.hpp"

namespace aftercall::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const Instant now = *parse_rfc3339("2026-02-03T10:00:00.123Z");

Source source_of(Revisions revisions) {
  Source source;
  source.tenant = TenantId("acme");
  source.id = SourceId("meetings/eu");
  source.revisions = revisions;
  return source;
}

http::Request post(std::string body) {
  http::Request request;
  request.method = "POST";
  request.target = "/v1/sessions";
  request.headers.add("Content-Type", "application/json; charset=utf-8");
  request.body = std::move(body);
  return request;
}

tl::expected<std::vector<Accepted>, Problem> received(const http::Request& request,
                                                      Revisions revisions = Revisions::None,
                                                      Instant at = now) {
  const Source source = source_of(revisions);
  return receive(request, {source, "SE", "aftercall.session.finished.v1", at, traceparent});
}
tl::expected<std::vector<Accepted>, Problem> received(std::string body, Revisions revisions = Revisions::None,
                                                      Instant at = now) {
  return received(post(std::move(body)), revisions, at);
}

wire::v1::Session session_in(const Accepted& accepted) {
  wire::v1::SessionFinished event;
  EXPECT_TRUE(event.ParseFromString(accepted.draft.value.value_or("")));
  return event.session();
}

constexpr auto meeting = R"({
  "session_id": "m 1/å", "channel": "meeting", "direction": "outbound", "title": "Planning",
  "started_at": "2026-02-03T09:00:00+01:00", "ended_at": "2026-02-03T09:45:00+01:00",
  "join_url": "https://meet.example/abc",
  "participants": [
    {"name": "Anna Berg", "email": "anna@contoso.example", "phone": "070-123 45 67", "role": "guest"},
    {"name": "No Number", "email": "not an address", "phone": "call me"}],
  "summary": {"text": "# Done", "format": "markdown"},
  "properties": {"crm": "x"}})";

TEST(Receive, MakesARecordThatEveryStageUnderstands) {
  const auto accepted = received(meeting);
  ASSERT_TRUE(accepted) << accepted.error().detail;
  ASSERT_THAT(*accepted, SizeIs(1));
  const Draft& draft = accepted->front().draft;
  EXPECT_EQ(draft.topic, "aftercall.session.finished.v1");
  EXPECT_EQ(draft.key, "acme/meetings%2Feu/m%201%2F%C3%A5");
  const auto envelope = wire::envelope_of(draft.headers);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->id, accepted->front().event_id);
  EXPECT_EQ(envelope->type, "session.finished");
  EXPECT_EQ(envelope->source, "/ingest");
  EXPECT_EQ(envelope->subject, draft.key);
  EXPECT_EQ(envelope->time, now);
  EXPECT_EQ(envelope->tenant, TenantId("acme"));
  EXPECT_EQ(envelope->traceparent, traceparent);
  EXPECT_EQ(envelope->attempt, 1);
}

TEST(Receive, AddsWhatOnlyTheDoorKnows) {
  const auto accepted = received(meeting);
  ASSERT_TRUE(accepted);
  const auto session = session_in(accepted->front());
  EXPECT_EQ(session.tenant(), "acme");
  EXPECT_EQ(session.source(), "meetings/eu");
  EXPECT_EQ(wire::read_time(session.accepted_at()), now);
  EXPECT_EQ(session.content_hash().size(), 64U);
  EXPECT_EQ(session.participants(0).phone(), "070-123 45 67");
  EXPECT_EQ(session.participants(0).phone_e164(), "+46701234567");
}

TEST(Receive, AnAddressThatNobodyCanReadRefusesNothing) {
  const auto accepted = received(meeting);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(session_in(accepted->front()).participants(1).phone(), "call me");
  EXPECT_EQ(session_in(accepted->front()).participants(1).phone_e164(), "");
}

TEST(Receive, TheSameSessionIsTheSameEventWhenEverItComes) {
  const auto first = received(R"({"session_id": "1", "title": "a"})");
  const auto again =
      received(R"({"title" : "\u0061", "session_id": "1"})", Revisions::None, now + std::chrono::hours(1));
  const auto other = received(R"({"session_id": "1", "title": "b"})");
  ASSERT_TRUE(first && again && other);
  EXPECT_EQ(first->front().event_id, again->front().event_id);
  EXPECT_NE(first->front().event_id, other->front().event_id);
}

TEST(Receive, TakesTheRevisionThatItsSourceStates) {
  const auto numbered = received(R"({"session_id": "1", "revision": 7})", Revisions::Number);
  ASSERT_TRUE(numbered);
  EXPECT_EQ(session_in(numbered->front()).revision(), 7);
  const auto dated =
      received(R"({"session_id": "1", "updated_at": "2026-02-03T09:00:00.5Z"})", Revisions::UpdatedAt);
  ASSERT_TRUE(dated);
  EXPECT_EQ(session_in(dated->front()).updated_at().nanos(), 500'000'000);
}

TEST(Receive, ASourceStatesRevisionsOfOneKindOnly) {
  const auto pointers = [](const tl::expected<std::vector<Accepted>, Problem>& result) {
    std::vector<std::string> all;
    if (!result)
      for (const auto& each : result.error().wrongs.all) all.push_back(each.pointer);
    return all;
  };
  const std::string number = R"({"session_id": "1", "revision": 7})";
  const std::string date = R"({"session_id": "1", "updated_at": "2026-02-03T09:00:00Z"})";
  const std::string none = R"([{"session_id": "1"}])";
  EXPECT_THAT(pointers(received(number, Revisions::None)), ElementsAre("/revision"));
  EXPECT_THAT(pointers(received(number, Revisions::UpdatedAt)), ElementsAre("/revision"));
  EXPECT_THAT(pointers(received(date, Revisions::None)), ElementsAre("/updated_at"));
  EXPECT_THAT(pointers(received(date, Revisions::Number)), ElementsAre("/revision"));
  EXPECT_THAT(pointers(received(none, Revisions::Number)), ElementsAre("/0/revision"));
  EXPECT_THAT(pointers(received(none, Revisions::UpdatedAt)), ElementsAre("/0/updated_at"));
}

TEST(Receive, AnArrayIsTakenAsAWholeOrRefusedAsAWhole) {
  const auto both = received(R"([{"session_id": "1"}, {"session_id": "2"}])");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->at(0).session, SessionId("1"));
  EXPECT_EQ(both->at(1).session, SessionId("2"));
  EXPECT_EQ(accepted_response(*both).status, 202);
  EXPECT_EQ(accepted_response(*both).body, R"({"accepted":[{"event_id":")" + both->at(0).event_id +
                                               R"(","session_id":"1"},{"event_id":")" + both->at(1).event_id +
                                               R"(","session_id":"2"}]})");
  const auto half = received(R"([{"session_id": "1"}, {"session_id": 2}, 3])");
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().wrongs.all, ElementsAre(wire::Wrong{"/1/session_id", "must be a string"},
                                                   wire::Wrong{"/2", "must be an object"}));
}

TEST(Receive, AnArrayHasABound) {
  std::string many = R"([{"session_id":"1"})";
  for (int i = 1; i < 100; ++i) many += R"(,{"session_id":"1"})";
  EXPECT_TRUE(received(many + "]"));
  const auto more = received(many + ",1]");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().status, 413);
}

TEST(Receive, OnlyTooMuchIs413AndAnythingElseBesideItIs422) {
  std::string people = "{}";
  for (int i = 0; i < 100; ++i) people += ",{}";
  const auto much = received(R"({"session_id": "1", "participants": [)" + people + "]}");
  ASSERT_FALSE(much);
  EXPECT_EQ(much.error().status, 413);
  const auto wrong = received(R"({"participants": [)" + people + "]}");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().status, 422);
  EXPECT_THAT(wrong.error().wrongs.all, SizeIs(2));
  const auto large =
      received(R"({"session_id": "1", "manual_notes": ")" + std::string(512 * 1024, 'x') + "\"}");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().status, 413);
}

TEST(Receive, SpeaksJsonOnly) {
  for (const char* type :
       {"application/cloudevents+json", "text/plain", "application/x-www-form-urlencoded", ""}) {
    auto request = post(R"({"session_id": "1"})");
    request.headers.set("Content-Type", type);
    const auto result = received(request);
    ASSERT_FALSE(result) << type;
    EXPECT_EQ(result.error().status, 415);
  }
  auto packed = post(R"({"session_id": "1"})");
  packed.headers.add("Content-Encoding", "gzip");
  EXPECT_EQ(received(packed).error().status, 415);
}

// Every rule once, as a client sees it.
TEST(Receive, NamesWhatIsWrong) {
  std::string text;
  const std::string person(1001, 'x');
  for (const auto& [revisions, body] : std::initializer_list<std::pair<Revisions, std::string>>{
           {Revisions::None, ""},
           {Revisions::None, R"({"session_id": "1",})"},
           {Revisions::None, "{\"session_id\": \"\xFF\"}"},
           {Revisions::None, "\xEF\xBB\xBF{}"},
           {Revisions::None, std::string(40, '[')},
           {Revisions::None, R"({"session_id": "1", "session_id": "1"})"},
           {Revisions::None, R"({"session_id": "a\u0000b"})"},
           {Revisions::None, R"({"session_id": "1", "properties": {"a\u0000b": "c"}})"},
           {Revisions::None, R"({"session_id": 0.)" + std::string(50, '1') + "}"},
           {Revisions::None, "[]"},
           {Revisions::None, "7"},
           {Revisions::None, R"([[]])"},
           {Revisions::None,
            R"({"titel": "x", "tenant": "other", "source": "x", "accepted_at": "2026-02-03T09:00:00Z",
              "content_hash": "x", "session_id": "", "revision": 1.5, "updated_at": 1770109200, "channel": "fax",
              "direction": 1, "title": ")" +
                person + R"(", "conversation_type": null, "started_at": "yesterday",
              "ended_at": "2027-02-03T09:00:00Z", "join_url": "javascript:alert", "session_url": "https://x\u0007",
              "participants": [{"phone_e164": "+46", "role": "boss", "side": true, "e-mail": "x", "name": ["x"]}, "Anna"],
              "manual_notes": {}, "summary": "done", "transcript": [{"at": "now", "speaker": 1}], "handoff": [],
              "crm_hints": {"": "x", "deal": 7}, "properties": []})"},
           {Revisions::None,
            R"({"session_id": "1", "started_at": "2026-02-03T09:00:00Z", "ended_at": "2026-02-03T08:00:00Z"})"},
           {Revisions::None, R"({"session_id": "1", "revision": 1})"},
           {Revisions::None, R"({"session_id": "1", "updated_at": "2026-02-03T09:00:00Z"})"},
           {Revisions::Number, R"({"session_id": "1"})"},
           {Revisions::Number, R"({"session_id": "1", "revision": -1})"},
           {Revisions::Number, R"({"session_id": "1", "revision": "x"})"},
           {Revisions::UpdatedAt, R"({"session_id": "1"})"},
           {Revisions::UpdatedAt, R"({"session_id": "1", "revision": 1})"},
           {Revisions::None,
            R"({"session_id": "1", "manual_notes": ")" + std::string(512 * 1024, 'x') + "\"}"}}) {
    const auto result = received(body, revisions);
    ASSERT_FALSE(result) << body;
    text += std::to_string(result.error().status) + " " + std::string(result.error().code) + "\n";
    for (const auto& each : result.error().wrongs.all) text += "  " + each.pointer + ": " + each.rule + "\n";
  }
  expect_golden("wrong_fields.txt", text);
}

}  // namespace
}  // namespace aftercall::ingest
