#include <gmock/gmock.h>

#include "http/test_server.hpp"

// What a server says by a request's head alone, and how much its connections hold together.
namespace aftercall::http {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AdmissionTest : public ServerTest {};

// Whoever has no name is not let in.
Admission by_name(const Request& head) {
  if (head.target == "/throw-early") throw std::runtime_error("a bug with a secret");
  const auto name = head.headers.find("X-Name");
  if (name) return {std::nullopt, std::string(*name)};
  Response response;
  response.status = 401;
  response.body = "who are you?";
  return {response};
}

TEST_F(AdmissionTest, WhoIsNotLetInIsToldSoBeforeTheBodyIsRead) {
  settings.admit = by_name;
  serve();
  const std::string body(900'000, 'x');
  Wire wire = visit();
  wire.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n");
  const auto answer = wire.read_message();
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("Connection: close\r\n"),
                            EndsWith("who are you?")));
  EXPECT_TRUE(wire.write(body));  // and is not cut off while writing
  EXPECT_EQ(wire.read_all(), "");
  EXPECT_FALSE(wire.broke());
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
              StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask("GET /throw-early HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("secret"))));
}

TEST_F(AdmissionTest, WhoSendsNoBodyMayAskAgainOnTheSameConnection) {
  settings.admit = by_name;
  serve();
  Wire wire = visit();
  wire.write(get);
  EXPECT_THAT(wire.read_message(), StartsWith("HTTP/1.1 401 "));
  wire.write("POST / HTTP/1.1\r\nHost: x\r\nX-Name: anna\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(wire.read_message(), EndsWith("POST / anna 5"));
}

TEST_F(AdmissionTest, FieldsBehindAChunkedBodyAreNobodys) {
  serve();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(ask(head + "3\r\nabc\r\n0\r\nX-Name: eve\r\n\r\n"), EndsWith("POST / nobody 3"));
}

std::string announce(const std::string& name, std::size_t bytes) {
  return "POST / HTTP/1.1\r\nHost: x\r\nX-Name: " + name +
         "\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

TEST_F(AdmissionTest, TheBodiesOfAllConnectionsTogetherAreBoundedAndNobodyTakesMoreThanHalf) {
  settings.bodies = 1000;
  settings.admit = by_name;
  serve();
  Wire anna = visit();
  anna.write(announce("anna", 600));
  EXPECT_THAT(anna.read_message(), HasSubstr(" 100 "));  // from here on it has its place
  const auto second = ask(announce("anna", 1));
  EXPECT_THAT(second, AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1\r\n")));
  Wire ben = visit();
  ben.write(announce("ben", 400));
  EXPECT_THAT(ben.read_message(), HasSubstr(" 100 "));
  EXPECT_THAT(ask(announce("carl", 1)), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: x\r\nX-Name: carl\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na"),
              StartsWith("HTTP/1.1 503 "));
  anna.write(std::string(600, 'x'));
  EXPECT_THAT(anna.read_message(), EndsWith("POST / anna 600"));
  ben.close();  // in the middle
  EXPECT_TRUE(soon([&] { return ask(announce("anna", 1)).starts_with("HTTP/1.1 100 "); }));
  EXPECT_TRUE(soon([&] { return ask(announce("carl", 1000)).starts_with("HTTP/1.1 100 "); }));
}

}  // namespace
}  // namespace aftercall::http
