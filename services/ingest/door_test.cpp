#include "ingest/door.hpp"

#include <gmock/gmock.h>

#include <future>
#include <optional>

#include "bus/memory.hpp"
#include "http/test_wire.hpp"
#include "http/test_world.hpp"
#include "ingest/test_directory.hpp"
#include "wire/envelope.hpp"

namespace aftercall::ingest {
namespace {

using namespace std::chrono_literals;
using http::Wire;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr auto topic = "aftercall.session.finished.v1";

std::string post(const std::string& body, const std::string& key = "key-of-meetings",
                 const std::string& more = "") {
  return "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key +
         "\r\nContent-Type: application/json\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}
const std::string session = R"({"session_id": "1"})";

// The door with its server on a thread of its own, before a broker in memory.
class DoorTest : public testing::Test {
 protected:
  DoorTest() : bus_(world_.context.get_executor()) {
    bus_.create(topic, 1);
    settings.topic = topic;
    settings.deadline = 20s;
    for (const auto& record : test_records()) directory_.apply(record);
  }
  ~DoorTest() override {
    if (!door_) return;
    down(false);
    stop();
    EXPECT_TRUE(http::soon([&] { return ended_.load(); }));
  }

  void open() {
    producer_ = bus_.producer({.topics = {topic}, .delivery_timeout = delivery_timeout});
    door_.emplace(world_.context.get_executor(), directory_, *producer_, settings);
    server_.emplace(world_.context.get_executor(), before(*door_, listen),
                    [this](http::Request request) { return door_->answer(std::move(request)); });
    asio::co_spawn(world_.context, serve(*server_, *door_), [this](std::exception_ptr) { ended_ = true; });
    background_.emplace(world_);
  }

  // What belongs to the other thread is asked there.
  template <class F>
  auto there(F work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    asio::post(world_.context, [&task] { task(); });
    return result.get();
  }
  void down(bool is) {
    there([&] { bus_.down(is); });
  }
  void stop() {
    there([&] { server_->stop(); });
  }
  std::vector<Record> records() {
    return there([&] { return bus_.records(topic, 0); });
  }
  void disable(const std::string& source) {
    there([&] {
      directory_.apply(source_record("acme", source, {"key-of-" + source}, Revisions::None, true));
    });
  }
  std::size_t waiting() {
    return there([&] { return door_->waiting(); });
  }
  std::size_t connections() {
    return there([&] { return server_->connections(); });
  }
  bool wait_for(std::size_t requests) {
    return http::soon([&] { return waiting() == requests; });
  }
  Wire visit(const std::string& bytes) {
    Wire wire = Wire::to(server_->port());
    wire.write(bytes);
    return wire;
  }
  std::string ask(const std::string& bytes) { return visit(bytes).read_message(); }
  bool ended() const { return ended_; }

  DoorSettings settings;
  http::ServerSettings listen;
  std::chrono::milliseconds delivery_timeout{60s};

 private:
  http::World world_;
  bus::MemoryBus bus_;
  tenancy::Directory directory_;
  std::unique_ptr<bus::Producer> producer_;
  std::optional<Door> door_;
  std::optional<http::Server> server_;
  std::atomic<bool> ended_{false};
  std::optional<http::Background> background_;  // last: its thread ends before what it runs goes
};

TEST_F(DoorTest, SaysAcceptedWhenTheSessionIsStored) {
  open();
  const auto answer = ask(post(session));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 202 "));
  const auto stored = records();
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_EQ(stored[0].key, "acme/meetings/1");
  const auto envelope = wire::envelope_of(stored[0].headers);
  ASSERT_TRUE(envelope);
  EXPECT_THAT(answer, HasSubstr(R"({"accepted":[{"event_id":")" + envelope->id + R"(","session_id":"1"}]})"));
}

TEST_F(DoorTest, StoresAnArrayInItsOrder) {
  open();
  EXPECT_THAT(ask(post(R"([{"session_id": "1"}, {"session_id": "2"}, {"session_id": "3"}])")),
              HasSubstr(" 202 "));
  const auto stored = records();
  ASSERT_THAT(stored, SizeIs(3));
  EXPECT_EQ(stored[0].key, "acme/meetings/1");
  EXPECT_EQ(stored[2].key, "acme/meetings/3");
}

TEST_F(DoorTest, StoresNothingOfWhatItRefuses) {
  open();
  EXPECT_THAT(ask(post(R"([{"session_id": "1"}, {"session_id": 2}])")), HasSubstr("/1/session_id"));
  EXPECT_THAT(ask(post(session, "wrong-key")), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask(post(session, "key-of-disabled")), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(ask(post("{")), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(records(), IsEmpty());
}

TEST_F(DoorTest, TakesTheSessionsOfAPausedTenant) {
  open();
  EXPECT_THAT(ask(post(session, "key-of-paused")), StartsWith("HTTP/1.1 202 "));
}

TEST_F(DoorTest, ContinuesTheCallersTraceOrBeginsOne) {
  open();
  ask(post(session, "key-of-meetings",
           "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"));
  ask(post(session, "key-of-meetings", "traceparent: nonsense\r\n"));
  const auto stored = records();
  ASSERT_THAT(stored, SizeIs(2));
  const auto continued = wire::envelope_of(stored[0].headers)->traceparent;
  EXPECT_THAT(continued,
              AllOf(StartsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-"), Not(HasSubstr("00f067aa0ba902b7"))));
  EXPECT_THAT(wire::envelope_of(stored[1].headers)->traceparent,
              AllOf(SizeIs(55), Not(HasSubstr("nonsense"))));
}

TEST_F(DoorTest, KafkaAwayIsToldByTheDeadline) {
  settings.deadline = 100ms;
  open();
  down(true);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(ask(post(session)),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 5\r\n"), HasSubstr("not_stored")));
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, 100ms);
  EXPECT_LT(took, 5s);
}

TEST_F(DoorTest, WhatKafkaDidNotTakeIsNeverCalledAccepted) {
  delivery_timeout = 50ms;  // Kafka's failure comes before the deadline
  open();
  down(true);
  for (const auto& body : {session, std::string(R"([{"session_id": "1"}, {"session_id": "2"}])")})
    EXPECT_THAT(ask(post(body)), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("not_stored"))) << body;
  EXPECT_TRUE(wait_for(0));
  EXPECT_THAT(records(), IsEmpty());
}

TEST_F(DoorTest, WhatIsOnItsWayKeepsItsPlaceAfterTheAnswer) {
  settings.deadline = 50ms;
  open();
  down(true);
  EXPECT_THAT(ask(post(session)), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(waiting(), 1U);
  down(false);
  EXPECT_TRUE(wait_for(0));
  EXPECT_THAT(records(), SizeIs(1));  // it arrived after all; the second copy is harmless
  EXPECT_THAT(ask(post(session)), StartsWith("HTTP/1.1 202 "));
}

TEST_F(DoorTest, WaitingRequestsAreBoundedAndOneTenantLeavesRoom) {
  settings.waiting.requests = 4;
  open();
  down(true);
  std::vector<Wire> wires;
  wires.push_back(visit(post(session)));
  wires.push_back(visit(post(session, "next-key-of-meetings")));
  ASSERT_TRUE(wait_for(2));
  EXPECT_THAT(ask(post(session)), AllOf(StartsWith("HTTP/1.1 429 "), HasSubstr("Retry-After: 1\r\n")));
  wires.push_back(visit(post(session, "key-of-paused")));
  wires.push_back(visit(post(session, "key-of-paused")));
  ASSERT_TRUE(wait_for(4));
  EXPECT_THAT(
      ask(post(session, "key-of-paused")),
      AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1\r\n"), HasSubstr("too_many_waiting")));
  EXPECT_THAT(ask(post("{")), HasSubstr("too_many_waiting"));  // not even read
  down(false);
  for (auto& each : wires) EXPECT_THAT(each.read_message(), StartsWith("HTTP/1.1 202 "));
  EXPECT_TRUE(wait_for(0));
}

TEST_F(DoorTest, NoAcceptedRequestLosesItsAnswerWhenTheProcessEnds) {
  open();
  down(true);
  std::vector<Wire> wires;
  for (int i = 0; i < 3; ++i) wires.push_back(visit(post(session)));
  ASSERT_TRUE(wait_for(3));
  stop();
  EXPECT_FALSE(ended());
  down(false);
  for (auto& each : wires)
    EXPECT_THAT(each.read_message(), AllOf(StartsWith("HTTP/1.1 202 "), HasSubstr("Connection: close")));
  EXPECT_TRUE(http::soon([&] { return ended(); }));
  EXPECT_THAT(records(), SizeIs(3));
}

TEST_F(DoorTest, EndsOnlyWhenKafkaHasDecidedOnAllThatItWasGiven) {
  settings.deadline = 50ms;
  open();
  down(true);
  EXPECT_THAT(ask(post(session)), StartsWith("HTTP/1.1 503 "));
  stop();
  EXPECT_TRUE(http::soon([&] { return connections() == 0; }));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(waiting(), 1U);  // each a turn of the door's thread
  EXPECT_FALSE(ended());
  down(false);
  EXPECT_TRUE(http::soon([&] { return ended(); }));
}

TEST_F(DoorTest, AnswersRequestAfterRequestOnOneConnection) {
  open();
  Wire wire = visit(post(session) + post("[]") + post(session));
  EXPECT_THAT(wire.read_message(), StartsWith("HTTP/1.1 202 "));
  EXPECT_THAT(wire.read_message(), StartsWith("HTTP/1.1 422 "));
  EXPECT_THAT(wire.read_message(), StartsWith("HTTP/1.1 202 "));
}

TEST_F(DoorTest, TakesNothingBeforeItKnowsTheTenants) {
  settings.open = [] { return false; };
  open();
  EXPECT_THAT(ask(post(session)),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1\r\n"), HasSubstr("starting")));
}

TEST_F(DoorTest, TakesNothingOfATenantThatItDoesNotKnowYet) {
  open();
  EXPECT_THAT(ask(post(session, "key-of-nobody")),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("tenant_unknown")));
}

TEST_F(DoorTest, ServesItsDocument) {
  open();
  EXPECT_THAT(
      ask("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"),
      AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("application/json"), HasSubstr("\"openapi\":\"3.1.0\"")));
  EXPECT_THAT(ask("PUT /openapi.json HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
}

TEST_F(DoorTest, KnowsWhatIsThereAndHowToAsk) {
  open();
  EXPECT_THAT(ask("GET /v1/sessions HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: POST\r\n")));
  for (const char* path :
       {"/", "/v1/session", "/v1/sessions/", "/v1/sessions/1", "/metrics", "*", "http://x/v1/sessions"})
    EXPECT_THAT(ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 404 "))
        << path;
}

std::string announce(const std::string& key, std::size_t bytes, const std::string& type = "application/json",
                     const std::string& path = "/v1/sessions") {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key +
         "\r\nContent-Type: " + type +
         "\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

TEST_F(DoorTest, WhatTheHeadDecidesIsToldBeforeTheBodyCame) {
  open();
  EXPECT_THAT(ask(announce("wrong-key", 1000)), AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("unknown_key")));
  EXPECT_THAT(ask(announce("wrong-key", body_limit + 1)), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask(announce("key-of-disabled", 1000)), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(ask(announce("key-of-meetings", 1000, "text/xml")), StartsWith("HTTP/1.1 415 "));
  EXPECT_THAT(ask(announce("key-of-meetings", body_limit + 1)), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask(announce("key-of-meetings", 1000, "application/json", "/v2")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask(announce("key-of-meetings", 1000)), StartsWith("HTTP/1.1 100 "));
}

TEST_F(DoorTest, ASourceThatIsDisabledWhileItsBodyComesIsRefused) {
  open();
  Wire wire = visit(announce("key-of-meetings", session.size()));
  EXPECT_THAT(wire.read_message(), StartsWith("HTTP/1.1 100 "));
  disable("meetings");
  wire.write(session);
  EXPECT_THAT(wire.read_message(), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(records(), IsEmpty());
}

TEST_F(DoorTest, WhatIsReceivedAtOnceIsBoundedAndOneTenantLeavesRoom) {
  listen.bodies = 1000;
  open();
  Wire first = visit(announce("key-of-meetings", 600));
  EXPECT_THAT(first.read_message(), StartsWith("HTTP/1.1 100 "));
  EXPECT_THAT(
      ask(announce("key-of-dialer", 600)),
      AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1\r\n"), HasSubstr("too_many_bytes")));
  EXPECT_THAT(ask(post(session, "key-of-paused")), StartsWith("HTTP/1.1 202 "));
}

TEST_F(DoorTest, ABodyAboveTheLimitGetsItsAnswer) {
  open();
  const auto answer = ask(post(R"({"session_id": ")" + std::string(body_limit, 'x') + "\"}"));
  EXPECT_THAT(answer,
              AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("problem+json"), HasSubstr("2097152 bytes")));
}

}  // namespace
}  // namespace aftercall::ingest
