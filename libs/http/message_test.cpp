#include "http/message.hpp"

#include <gtest/gtest.h>

namespace aftercall::http {
namespace {

TEST(Headers, AreFoundWhateverTheirLetterCase) {
  const Headers headers{{"Content-Type", "a"}, {"X-One", "1"}, {"x-one", "2"}};
  EXPECT_EQ(headers.find("CONTENT-TYPE"), "a");
  EXPECT_EQ(headers.find("x-ONE"), "1");
  EXPECT_EQ(headers.count("X-ONE"), 2U);
  EXPECT_EQ(headers.find("X-On"), std::nullopt);
}

TEST(Headers, SettingOneReplacesAllOfItsName) {
  Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  headers.set("a", "4");
  EXPECT_EQ(headers, (Headers{{"B", "2"}, {"a", "4"}}));
}

TEST(Headers, AMediaTypeComesWithoutItsParametersInLowerCase) {
  EXPECT_EQ(media_type({{"content-type", " Application/JSON ; charset=utf-8"}}), "application/json");
  EXPECT_EQ(media_type({{"content-type", " ; x"}}), "");
  EXPECT_EQ(media_type({}), "");
}

TEST(Headers, TellWhenTheOtherSideAnswered) {
  const auto at = [](const std::string& text) { return date_of({{"Date", text}}); };
  EXPECT_EQ(at("Tue, 03 Feb 2026 09:00:07 GMT"), parse_rfc3339("2026-02-03T09:00:07Z"));
  EXPECT_EQ(at("Thu, 31 Dec 2026 23:59:59 GMT"), parse_rfc3339("2026-12-31T23:59:59Z"));
  for (const auto* const text : {"", "Tue, 03 Feb 2026 09:00:07 CET", "Tue, 31 Feb 2026 09:00:07 GMT",
                                 "Tue, 03 ebM 2026 09:00:07 GMT", "Tuesday, 03-Feb-26 09:00:07 GMT"})
    EXPECT_EQ(at(text), std::nullopt) << text;
  EXPECT_EQ(date_of({}), std::nullopt);
}

TEST(Headers, TellHowLongToStayAway) {
  const auto wait = [](const std::string& text) { return retry_after({{"Retry-After", text}}); };
  EXPECT_EQ(wait("17"), std::chrono::seconds(17));
  EXPECT_EQ(wait("999999999"), std::chrono::hours(24));
  EXPECT_EQ(wait("-1"), std::nullopt);
  EXPECT_EQ(wait("soon"), std::nullopt);
  EXPECT_EQ(wait("99999999999999999999"), std::nullopt);
  EXPECT_EQ(retry_after({}), std::nullopt);
}

TEST(Headers, TellUntilWhenToStayAwayByTheOtherSidesClock) {
  const auto wait = [](const std::string& until) {
    return retry_after({{"Date", "Tue, 03 Feb 2026 09:00:00 GMT"}, {"Retry-After", until}});
  };
  EXPECT_EQ(wait("Tue, 03 Feb 2026 09:02:30 GMT"), std::chrono::seconds(150));
  EXPECT_EQ(wait("Fri, 06 Feb 2026 09:00:00 GMT"), std::chrono::hours(24));
  EXPECT_EQ(wait("Tue, 03 Feb 2026 08:59:00 GMT"), std::chrono::seconds(0));
  EXPECT_EQ(wait("Tue, 31 Feb 2026 09:00:00 GMT"), std::nullopt);
  EXPECT_EQ(retry_after({{"Retry-After", "Tue, 03 Feb 2026 09:02:30 GMT"}}), std::nullopt);
}

}  // namespace
}  // namespace aftercall::http
