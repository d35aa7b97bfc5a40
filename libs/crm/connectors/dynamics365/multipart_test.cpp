#include "multipart.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::dynamics365 {
namespace {

using testing::SizeIs;

const std::string type = "multipart/mixed; boundary=b1";

std::string part(const std::string& response) {
  return "--b1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n" + response +
         "\r\n";
}
const std::string no_content = "HTTP/1.1 204 No Content\r\nOData-EntityId: x\r\n\r\n";
const std::string error = "HTTP/1.1 404 Not Found\r\nREQ_ID: 1\r\n\r\n{\"error\":{}}";

bool malformed(const std::string& content_type, const std::string& body) {
  const auto read = read_multipart(content_type, body);
  return !read && read.error().cause == Cause::Malformed;
}

TEST(Multipart, GivesEveryAnswerInItsPlace) {
  const auto read = read_multipart(type, part(no_content) + part(error) + "--b1--\r\n");
  ASSERT_TRUE(read) << read.error().detail;
  ASSERT_THAT(*read, SizeIs(2));
  EXPECT_EQ((*read)[0].status, 204);
  EXPECT_EQ((*read)[0].headers.find("odata-entityid"), "x");
  EXPECT_EQ((*read)[0].body, "");
  EXPECT_EQ((*read)[1].status, 404);
  EXPECT_EQ((*read)[1].body, "{\"error\":{}}");
}

TEST(Multipart, TakesWhatGatewaysMakeOfIt) {
  auto bare = part(no_content) + part(error) + "--b1--";
  for (auto at = bare.find('\r'); at != std::string::npos; at = bare.find('\r')) bare.erase(at, 1);
  EXPECT_THAT(read_multipart(type, bare).value(), SizeIs(2));
  EXPECT_THAT(read_multipart("Multipart/Mixed;charset=x; Boundary=\"b1\"",
                             "preamble\r\n" + part(error) + "--b1--\r\nend")
                  .value(),
              SizeIs(1));
  EXPECT_THAT(read_multipart(type, "--b1--").value(), SizeIs(0));
}

TEST(Multipart, ABodyMayHoldWhatLooksLikeABoundary) {
  const auto read = read_multipart(
      type, part(error + " --b1 --b1--") + part("HTTP/1.1 200 OK\r\n\r\n--b2\r\n--b1x\r\n") + "--b1--");
  ASSERT_TRUE(read);
  ASSERT_THAT(*read, SizeIs(2));
  EXPECT_EQ((*read)[1].body, "--b2\r\n--b1x\r\n");
}

TEST(Multipart, WhatIsHalfIsNothing) {
  const auto whole = part(no_content) + part(error) + "--b1--";
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_TRUE(malformed(type, whole.substr(0, cut))) << cut;
}

TEST(Multipart, WhatIsSomethingElseIsRefused) {
  const auto good = part(error) + "--b1--";
  for (const auto* content_type : {"", "application/json", "multipart/mixed",
                                   "multipart/mixed; boundary=", "multipart/mixed; boundary=\"\"",
                                   "multipart/mixed; boundary=b 1", "multipart/mixed; boundary=other"})
    EXPECT_TRUE(malformed(content_type, good)) << content_type;
  EXPECT_TRUE(malformed("multipart/mixed; boundary=" + std::string(71, 'b'), good));
  EXPECT_TRUE(malformed(type, part("HTTP/1.1 abc\r\n\r\n") + "--b1--"));
  EXPECT_TRUE(malformed(type, part("HTTP/1.1 2000 OK\r\n\r\n") + "--b1--"));
  EXPECT_TRUE(malformed(type, part("HTTP/1.1 999 OK\r\n\r\n") + "--b1--"));
  EXPECT_TRUE(malformed(type, part("HTTP/1.1 204 OK\r\nno colon\r\n\r\n") + "--b1--"));
  EXPECT_TRUE(malformed(type, "--b1\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b1--"));
}

TEST(Multipart, ABoundIsKept) {
  std::string many;
  for (int i = 0; i < 1'001; ++i) many += part(no_content);
  EXPECT_TRUE(malformed(type, many + "--b1--"));
}

}  // namespace
}  // namespace aftercall::crm::dynamics365
