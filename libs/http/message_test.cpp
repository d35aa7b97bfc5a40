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

}  // namespace
}  // namespace aftercall::http
