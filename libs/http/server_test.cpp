#include "http/server.hpp"

#include <gmock/gmock.h>

#include "http/test_server.hpp"

namespace aftercall::http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(ServerTest, AnswersRequestAfterRequestOnOneConnection) {
  serve();
  Wire wire = visit();
  for (int i = 0; i < 3; ++i) {
    wire.write("POST /x HTTP/1.1\r\nHost: x\r\nx-name: anna\r\nContent-Length: 5\r\n\r\nhello");
    const auto answer = wire.read_message();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nPOST /x anna 5"));
  }
}

TEST_F(ServerTest, RequestsSentWithoutWaitingAreAnsweredInOrder) {
  serve();
  Wire wire = visit();
  wire.write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(wire.read_message(), EndsWith("GET /1 nobody 0"));
  EXPECT_THAT(wire.read_message(), EndsWith("GET /2 nobody 0"));
}

TEST_F(ServerTest, AConnectionEndsWhenTheVisitorWantsItTo) {
  serve();
  Wire wire = visit();
  wire.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(wire.read_all(), HasSubstr("Connection: close\r\n"));
}

TEST_F(ServerTest, HeadAndNothingHaveNoBody) {
  serve();
  Wire wire = visit();
  wire.write("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto head = wire.read_all();
  EXPECT_THAT(head, HasSubstr("Content-Length: 15\r\n"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  EXPECT_THAT(ask("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"), Not(HasSubstr("Content-Length")));
}

TEST_F(ServerTest, AChunkedBodyArrivesWhole) {
  serve();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(ask(head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), EndsWith("POST / nobody 5"));
}

TEST_F(ServerTest, ABodyTooLargeIsToldSoThoughTheVisitorWritesAllOfItFirst) {
  settings.body_limit = 10'000;
  settings.too_large = [] {
    Response response;
    response.status = 413;
    response.body = "mine";
    return response;
  };
  serve();
  const std::string body(900'000, 'x');
  const auto length = "Content-Length: " + std::to_string(body.size());
  Wire wire = visit();
  EXPECT_TRUE(wire.write("POST / HTTP/1.1\r\nHost: x\r\n" + length + "\r\n\r\n"));
  constexpr std::size_t piece = 10'000;  // slowly: long after the answer there is still something to write
  for (std::size_t at = 0; at < body.size(); at += piece) {
    EXPECT_TRUE(wire.write(body.substr(at, piece))) << at;
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_THAT(wire.read_all(), testing::AllOf(StartsWith("HTTP/1.1 413 "), EndsWith("\r\n\r\nmine")));
  EXPECT_FALSE(wire.broke());
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\ndbba0\r\n" + body +
                  "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerTest, ExpectingVisitorsAreToldToGoOnOrNot) {
  settings.body_limit = 10;
  serve();
  Wire wire = visit();
  wire.write("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(wire.read_message(), "HTTP/1.1 100 Continue\r\n\r\n");
  wire.write("hello");
  EXPECT_THAT(wire.read_message(), EndsWith("POST / nobody 5"));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, WhatIsNoRequestIsRefused) {
  serve();
  for (const std::string bytes :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "\x16\x03\x01\x02\r\n\r\n"})
    EXPECT_THAT(ask(bytes), StartsWith("HTTP/1.1 400 ")) << bytes;
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(get), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, AnEndlessChunkHeaderIsNotCollected) {
  serve();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;x=";
  EXPECT_THAT(ask(head + std::string(900'000, 'x')), StartsWith("HTTP/1.1 431 "));
}

TEST_F(ServerTest, AHandlerThatThrowsAnswersWithoutDetailAndIsTold) {
  std::atomic<int> told{0};
  settings.threw = [&](const std::exception&) { ++told; };
  serve();
  const auto answer = ask("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
  EXPECT_EQ(told, 1);
}

TEST_F(ServerTest, NoHandlerCanSplitItsAnswer) {
  serve();
  EXPECT_THAT(ask("GET /split HTTP/1.1\r\nHost: x\r\n\r\n"), Not(HasSubstr("Evil")));
}

TEST_F(ServerTest, ASlowSenderIsLeftWhateverItSendsMeanwhile) {
  settings.request = 200ms;
  serve();
  Wire wire = visit();
  const auto start = std::chrono::steady_clock::now();
  wire.write("GET / HTTP/1.1\r\n");
  while (wire.write("X: y\r\n") && std::chrono::steady_clock::now() - start < 10s)
    std::this_thread::sleep_for(20ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST_F(ServerTest, AnIdleConnectionIsClosed) {
  settings.idle = 100ms;
  serve();
  Wire wire = visit();
  wire.write(get);
  wire.read_message();
  EXPECT_EQ(wire.read_all(), "");
}

TEST_F(ServerTest, AboveTheBoundVisitorsAreToldToComeBack) {
  settings.connections = 1;
  serve();
  {
    Wire first = visit();
    first.write(get);
    first.read_message();
    const auto full = ask(get);
    EXPECT_THAT(full, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(full, HasSubstr("Retry-After: 1\r\n"));
  }
  EXPECT_TRUE(soon([&] { return ask(get).starts_with("HTTP/1.1 200 "); }));
}

TEST_F(ServerTest, StoppingFinishesWhatIsInHandAndNothingElse) {
  serve();
  Wire idle = visit();
  idle.write(get);
  idle.read_message();
  Wire working = visit();
  working.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(soon([] { return slow_started.load(); }));
  stop();
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_FALSE(ended());
  slow_may_end = true;
  const auto last = working.read_all();
  EXPECT_THAT(last, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(last, EndsWith("GET /slow nobody 0"));
  working.close();
  EXPECT_TRUE(soon([&] { return ended(); }));
  EXPECT_FALSE(visit().connected());
}

TEST_F(ServerTest, WhoDoesNotEndBeforeTheDrainDoesIsCutOff) {
  settings.drain = 100ms;
  serve();
  Wire wire = visit();
  wire.write("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_THAT(wire.read_message(), HasSubstr(" 100 "));  // now the body is being waited for
  const auto start = std::chrono::steady_clock::now();
  stop();
  EXPECT_TRUE(soon([&] { return ended(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST(Server, AnAddressThatCannotBeListenedOnIsNamed) {
  World world;
  const Server first(world.context.get_executor(), {}, answer);
  ServerSettings taken;
  taken.port = first.port();
  const auto listen = [&](ServerSettings settings) {
    Server(world.context.get_executor(), std::move(settings), answer);
  };
  EXPECT_THAT([&] { listen(taken); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr(std::to_string(taken.port))));
  ServerSettings nonsense;
  nonsense.address = "nowhere";
  EXPECT_THROW(listen(nonsense), std::runtime_error);
  ServerSettings no_file;
  no_file.cert_file = no_file.key_file = "/nowhere.pem";
  EXPECT_THAT([&] { listen(no_file); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("/nowhere.pem")));
}

}  // namespace
}  // namespace aftercall::http
