#include "crm/http_refusal.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm {
namespace {

TEST(HttpRefusal, EveryStatusHasItsCause) {
  EXPECT_EQ(cause_of_status(400), Cause::Rejected);
  EXPECT_EQ(cause_of_status(401), Cause::NotAuthorized);
  EXPECT_EQ(cause_of_status(403), Cause::NotPermitted);
  EXPECT_EQ(cause_of_status(404), Cause::ServerError);
  EXPECT_EQ(cause_of_status(408), Cause::Timeout);
  EXPECT_EQ(cause_of_status(410), Cause::Rejected);
  EXPECT_EQ(cause_of_status(412), Cause::Rejected);
  EXPECT_EQ(cause_of_status(413), Cause::Rejected);
  EXPECT_EQ(cause_of_status(429), Cause::RateLimited);
  for (const int status : {500, 502, 503, 504, 599}) EXPECT_EQ(cause_of_status(status), Cause::ServerError);
  for (const int status : {301, 302, 307, 308}) EXPECT_EQ(cause_of_status(status), Cause::SetupIncomplete);
  for (const int status : {100, 200, 204}) EXPECT_EQ(cause_of_status(status), Cause::ServerError);
}

TEST(HttpRefusal, ARequestIsNamedByTheFirstIdThatCanBeOne) {
  const http::Headers headers{{"X-First", "two words"}, {"X-Second", "abc-1"}, {"X-Third", "def-2"}};
  EXPECT_EQ(request_id_in(headers, {"x-none", "x-first", "x-second", "x-third"}), "abc-1");
  EXPECT_EQ(request_id_in(headers, {"x-none"}), "");
  for (const auto& odd :
       {std::string(), std::string(65, 'a'), std::string("a\x1b[31m"), std::string("\xC3\xA5")})
    EXPECT_EQ(request_id_in({{"x-id", odd}}, {"x-id"}), "") << odd;
}

}  // namespace
}  // namespace aftercall::crm
