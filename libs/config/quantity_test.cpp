#include "config/quantity.hpp"

#include <gtest/gtest.h>

namespace aftercall::config {
namespace {

using namespace std::chrono_literals;

TEST(Quantity, DurationsAreReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("30 s"), 30s);
  EXPECT_EQ(parse_duration("1.5m"), 90s);
  EXPECT_EQ(parse_duration("0ms"), 0ms);
  EXPECT_EQ(parse_duration("150d"), 24h * 150);
}

TEST(Quantity, WhatIsNoDurationIsRefused) {
  for (const char* text : {"", "5", "s", "-5s", "5 parsecs", "5s ", " 5s", "nan s", "inf s", "1e3s", "0x10s",
                           "5S", "99999999999999999999d", "5ss"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Quantity, SizesAreReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_size("8MiB"), 8U * 1024 * 1024);
  EXPECT_EQ(parse_size("512 KiB"), 512U * 1024);
  EXPECT_EQ(parse_size("1.5KiB"), 1536U);
  EXPECT_EQ(parse_size("1MB"), 1'000'000U);
  EXPECT_EQ(parse_size("4096"), 4096U);
}

TEST(Quantity, WhatIsNoSizeIsRefused) {
  for (const char* text : {"", "MiB", "-1", "1.5", "8mib", "8 apples", "99999999999GiB"})
    EXPECT_FALSE(parse_size(text)) << text;
}

}  // namespace
}  // namespace aftercall::config
