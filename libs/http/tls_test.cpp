#include <gmock/gmock.h>

#include "http/client.hpp"
#include "http/server.hpp"
#include "http/test_certificates.hpp"
#include "http/test_world.hpp"

namespace aftercall::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

asio::awaitable<Response> echo(Request request) {
  Response response;
  response.body = std::move(request.body);
  co_return response;
}

struct TlsTest : testing::Test {
  World world;
  Authority authority;

  // The end of a request to a server that shows this certificate.
  Result<Response> ask(const Authority::Files& files, const std::string& ca_file, const std::string& host) {
    Server server(world.context.get_executor(), {.cert_file = files.cert, .key_file = files.key}, echo);
    bool ended = false;
    asio::co_spawn(world.context, server.run(), [&](std::exception_ptr) { ended = true; });
    Client client(world.context.get_executor(), {.ca_file = ca_file});
    const std::string url = "https://" + host + ":" + std::to_string(server.port()) + "/";
    const std::string body(200'000, 'x');  // more than one TLS record
    Result<Response> answer;
    for (int i = 0; i < 2; ++i) {
      Request request{.method = "POST", .target = url, .headers = {}, .body = body};
      answer = world.run(client.send(std::move(request), std::chrono::steady_clock::now() + 10s));
    }
    if (answer) {
      EXPECT_EQ(answer->body, body);
      EXPECT_EQ(client.counts().opened, 1U);
    }
    client.close();
    server.stop();
    while (!ended) world.context.run_one();
    return answer;
  }
};

TEST_F(TlsTest, ACertificateOfTheGivenAuthorityForTheGivenNameIsTrusted) {
  const auto files = authority.issue("DNS:localhost,IP:127.0.0.1");
  EXPECT_TRUE(ask(files, authority.ca_file(), "localhost"));
  EXPECT_TRUE(ask(files, authority.ca_file(), "127.0.0.1"));
}

TEST_F(TlsTest, AnUnknownAuthorityAnotherNameOrAnOldCertificateIsNotAndNothingIsSent) {
  const auto good = authority.issue("DNS:localhost");
  const auto other = authority.issue("DNS:other.example");
  const auto old = authority.issue("DNS:localhost", -60);
  for (const auto& answer :
       {ask(good, "", "localhost"), ask(other, authority.ca_file(), "localhost"),
        ask(good, authority.ca_file(), "127.0.0.1"), ask(old, authority.ca_file(), "localhost")}) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().cause, Cause::Unreachable);
    EXPECT_THAT(answer.error().detail, HasSubstr("certificate verify failed"));
  }
}

TEST_F(TlsTest, ACaFileThatCannotBeUsedIsNamedAtTheStart) {
  const auto start = [&] { Client(world.context.get_executor(), {.ca_file = "/nowhere.pem"}); };
  EXPECT_THAT(start, testing::ThrowsMessage<std::runtime_error>(HasSubstr("/nowhere.pem")));
}

}  // namespace
}  // namespace aftercall::http
