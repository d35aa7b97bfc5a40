#include "http/client.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "http/test_wire.hpp"
#include "http/test_world.hpp"

namespace aftercall::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

Request get(std::string url) {
  return {.method = "GET", .target = std::move(url), .headers = {}, .body = ""};
}
Request post(std::string url, std::string body = "x") {
  return {.method = "POST", .target = std::move(url), .headers = {}, .body = std::move(body)};
}
Request put(std::string url) {
  return {.method = "PUT", .target = std::move(url), .headers = {}, .body = "x", .repeatable = true};
}

struct ClientTest : testing::Test {
  World world;
  ClientSettings settings;
  std::unique_ptr<Client> client;

  Client& use() {
    if (!client) client = std::make_unique<Client>(world.context.get_executor(), settings);
    return *client;
  }
  Result<Response> send(Request request, std::chrono::milliseconds within = 5s) {
    return world.run(use().send(std::move(request), std::chrono::steady_clock::now() + within));
  }
  // What comes of a GET that is answered with these bytes, after which the connection closes.
  Result<Response> answered_with(std::string bytes, std::string method = "GET") {
    Peer peer([&](Wire& wire, int) {
      wire.read_message();
      wire.write(bytes);
    });
    auto request = get(peer.url());
    request.method = std::move(method);
    return send(std::move(request));
  }
};

TEST_F(ClientTest, SendsWhatItWasToldAndReadsTheAnswer) {
  std::string seen;
  Peer peer([&](Wire& wire, int) {
    seen = wire.read_message();
    wire.write("HTTP/1.1 412 No\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 4\r\n\r\nbody");
  });
  auto request = post(peer.url("/a?b=%20"), "payload");
  request.headers.add("X-Name", "value");
  const auto answer = send(request);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 412);
  EXPECT_EQ(answer->headers.find("X-a"), "1");
  EXPECT_EQ(answer->headers.count("X-A"), 2U);
  EXPECT_EQ(answer->body, "body");
  EXPECT_THAT(seen, testing::StartsWith("POST /a?b=%20 HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_THAT(seen, HasSubstr("X-Name: value\r\n"));
  EXPECT_THAT(seen, testing::EndsWith("Content-Length: 7\r\n\r\npayload"));
}

TEST_F(ClientTest, RequestsToOneOriginShareAConnection) {
  Peer peer([&](Wire& wire, int) {
    while (!wire.read_message().empty()) wire.write(ok);
  });
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(get(peer.url())));
  EXPECT_EQ(peer.connections, 1);
  EXPECT_EQ(use().counts().opened, 1U);
  EXPECT_EQ(use().counts().reused, 2U);
  EXPECT_EQ(use().counts().idle, 1U);
  EXPECT_EQ(use().counts().busy, 0U);
  client.reset();
}

TEST_F(ClientTest, AConnectionThatTheServerClosesIsNotKept) {
  ASSERT_TRUE(answered_with("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(use().counts().idle, 0U);
}

TEST_F(ClientTest, APooledConnectionFoundClosedIsNotWrittenTo) {
  Peer peer([&](Wire& wire, int) {
    wire.read_message();
    wire.write(ok);
  });
  ASSERT_TRUE(send(post(peer.url())));
  ASSERT_TRUE(soon([&] { return peer.closed == 1; }));
  ASSERT_TRUE(send(post(peer.url())));  // not repeatable, yet safe: nothing was sent over the closed one
  EXPECT_EQ(peer.connections, 2);
}

TEST_F(ClientTest, APooledConnectionThatBreaksUnansweredIsRepeatedOnlyIfItMayBe) {
  std::vector<std::string> seen;
  Peer peer([&](Wire& wire, int nth) {
    seen.push_back(wire.read_message());
    wire.write(ok);
    if (nth != 2) seen.push_back(wire.read_message());  // reads a second one and leaves without a word
  });
  const auto first = send(get(peer.url("/1")));
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->repeated);
  const auto repeated = send(put(peer.url("/2")));
  ASSERT_TRUE(repeated);
  EXPECT_TRUE(repeated->repeated) << "the first may still be carried out";
  ASSERT_TRUE(soon([&] { return peer.closed == 2; }));
  ASSERT_TRUE(send(get(peer.url("/3"))));
  const auto lost = send(post(peer.url("/4")));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().cause, Cause::ServerError);
  EXPECT_FALSE(nothing_was_sent(lost.error()));
  client.reset();
  ASSERT_TRUE(soon([&] { return peer.closed == 3; }));
  EXPECT_EQ(std::count_if(seen.begin(), seen.end(), [](auto& each) { return each.starts_with("PUT /2"); }),
            2);
  EXPECT_EQ(std::count_if(seen.begin(), seen.end(), [](auto& each) { return each.starts_with("POST /4"); }),
            1);
}

TEST_F(ClientTest, WhatWasSentOnceIsNeverUnreachable) {
  Peer peer([&](Wire& wire, int) {
    wire.read_message();
    wire.write(ok);
    peer.listen_no_more();
    wire.read_message();  // the second request arrives whole, and is left without a word
  });
  ASSERT_TRUE(send(get(peer.url("/1"))));
  const auto lost = send(put(peer.url("/2")));
  ASSERT_FALSE(lost);
  EXPECT_EQ(peer.connections, 1) << "its repetition reached nobody";
  EXPECT_EQ(lost.error().cause, Cause::ServerError);
  EXPECT_FALSE(nothing_was_sent(lost.error()));
}

TEST_F(ClientTest, AFreshConnectionThatBreaksIsNeverRepeated) {
  Peer peer([&](Wire& wire, int) { wire.read_message(); });
  const auto lost = send(put(peer.url()));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().cause, Cause::ServerError);
  EXPECT_EQ(peer.connections, 1);
}

TEST_F(ClientTest, NoAnswerInTimeIsATimeoutAndNotRepeated) {
  Peer peer([&](Wire& wire, int) {
    wire.read_message();
    wire.read_all();
  });
  const auto start = std::chrono::steady_clock::now();
  const auto late = send(put(peer.url()), 150ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().cause, Cause::Timeout);
  EXPECT_FALSE(nothing_was_sent(late.error()));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  EXPECT_EQ(peer.connections, 1);
}

TEST_F(ClientTest, WhatCannotBeReachedWasNotSentAnything) {
  unsigned short closed_port = 0;
  {
    Peer peer([](Wire&, int) {});
    closed_port = peer.port();
  }
  const auto refused = send(get("http://127.0.0.1:" + std::to_string(closed_port) + "/secret?e=anna@x.se"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause, Cause::Unreachable);
  EXPECT_TRUE(nothing_was_sent(refused.error()));
  EXPECT_THAT(refused.error().detail, Not(HasSubstr("anna")));  // a path may hold personal data
  EXPECT_EQ(send(get("http://no-such-name.localhost:1/"), 3s).error().cause, Cause::Unreachable);
}

TEST_F(ClientTest, ATlsHandshakeThatHangsEndsByTheConnectDeadline) {
  settings.connect = 150ms;
  Peer peer([&](Wire& wire, int) { wire.read_all(); });
  const auto start = std::chrono::steady_clock::now();
  const auto hung = send(get("https://127.0.0.1:" + std::to_string(peer.port()) + "/"));
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().cause, Cause::Unreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST_F(ClientTest, WhatMayNotBeSentIsRejectedBeforeAnyConnection) {
  Peer peer([&](Wire&, int) {});
  auto smuggling = get(peer.url());
  smuggling.headers.add("X", "a\r\nEvil: b");
  for (const auto& request : {smuggling, get("http://192.0.2.1/"), get("no url"), get("ftp://127.0.0.1/"),
                              get(peer.url("/a b")), get(peer.url() + "\r\nX: y")}) {
    const auto rejected = send(request);
    ASSERT_FALSE(rejected);
    EXPECT_EQ(rejected.error().cause, Cause::Rejected) << request.target;
    EXPECT_TRUE(nothing_was_sent(rejected.error()));
  }
  EXPECT_EQ(peer.connections, 0);
}

TEST_F(ClientTest, AnswersAreReadInEveryFraming) {
  EXPECT_EQ(
      answered_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
          ->body,
      "abcde");
  EXPECT_EQ(answered_with("HTTP/1.1 200 OK\r\n\r\nuntil the end")->body, "until the end");
  EXPECT_EQ(answered_with("HTTP/1.1 204 No Content\r\n\r\n")->status, 204);
  EXPECT_EQ(answered_with("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "HEAD")->body, "");
  EXPECT_EQ(
      answered_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + std::string(ok))
          ->body,
      "hi");
}

TEST_F(ClientTest, HalfAnswersAndNonsenseAreNoAnswers) {
  std::string endless;
  for (int i = 0; i < 50; ++i) endless += "HTTP/1.1 100 Continue\r\n\r\n";
  for (const std::string& bytes :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
        std::string("HTTP/1.1 200 OK\r\nContent-Le"), std::string("<html>no</html>\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), std::string(), endless}) {
    const auto answer = answered_with(bytes);
    ASSERT_FALSE(answer) << bytes;
    EXPECT_EQ(answer.error().cause, Cause::ServerError) << bytes;
  }
}

TEST_F(ClientTest, AnswersAreReadOnlySoFar) {
  settings.response_body = 1000;
  settings.response_header = 2000;
  EXPECT_TRUE(answered_with("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x')));
  for (const std::string& bytes :
       {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'),
        "HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x'),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') +
            "\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(3000, 'x') + "\r\nContent-Length: 0\r\n\r\n"}) {
    const auto answer = answered_with(bytes);
    ASSERT_FALSE(answer) << bytes.size();
    EXPECT_THAT(answer.error().detail, HasSubstr("too long"));
  }
}

TEST_F(ClientTest, AnEarlyRefusalOfALongBodyIsRead) {
  Peer peer([&](Wire& wire, int) {
    wire.write("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    wire.finish();
    wire.read_all();
  });
  const auto answer = send(post(peer.url(), std::string(4'000'000, 'x')));
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 413);
}

TEST_F(ClientTest, AnEarlyRefusalIsReadEvenThoughTheConnectionBreaksWhileWeWrite) {
  Peer peer([&](Wire& wire, int) {
    wire.write("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });  // closes with our bytes unread: a reset
  const auto answer = send(post(peer.url(), std::string(4'000'000, 'x')));
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, 413);
}

TEST_F(ClientTest, OnlySoManyConnectionsAreKeptAndNotForLong) {
  settings.idle_per_origin = 0;
  Peer peer([&](Wire& wire, int) {
    while (!wire.read_message().empty()) wire.write(ok);
  });
  ASSERT_TRUE(send(get(peer.url())));
  EXPECT_EQ(use().counts().idle, 0U);
  client.reset();
  settings.idle_per_origin = 1;
  settings.idle = 0ms;
  ASSERT_TRUE(send(get(peer.url())));
  EXPECT_EQ(use().counts().idle, 1U);
  std::this_thread::sleep_for(2ms);  // time passes: what the setting is about
  ASSERT_TRUE(send(get(peer.url())));
  EXPECT_EQ(peer.connections, 3);
  client.reset();
}

TEST_F(ClientTest, ClosingEndsWhatIsUnderWayAndWhatComesAfter) {
  Client& mine = use();
  Peer peer([&](Wire& wire, int) {
    wire.read_message();
    asio::post(world.context, [&] { mine.close(); });
    wire.read_all();
  });
  const auto start = std::chrono::steady_clock::now();
  const auto ended = send(put(peer.url()), 15s);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().cause, Cause::ServerError);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_EQ(send(get(peer.url())).error().cause, Cause::Unreachable);
  EXPECT_EQ(mine.counts().busy, 0U);
}

}  // namespace
}  // namespace aftercall::http
