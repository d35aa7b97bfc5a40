#include "domain/instant.hpp"

#include <gtest/gtest.h>

namespace aftercall {
namespace {

TEST(Instant, IsWrittenAsItWasRead) {
  for (const char* text : {"2026-02-03T09:00:00Z", "2026-12-31T23:59:59.123Z", "1970-01-01T00:00:00Z"}) {
    const auto at = parse_rfc3339(text);
    ASSERT_TRUE(at) << text;
    EXPECT_EQ(rfc3339(*at), text);
  }
}

TEST(Instant, UnderstandsOffsetsAndShortFractions) {
  EXPECT_EQ(rfc3339(*parse_rfc3339("2026-02-03T10:30:00.5+01:30")), "2026-02-03T09:00:00.500Z");
  EXPECT_EQ(rfc3339(*parse_rfc3339("2026-02-03T10:30:00.123999-00:00")), "2026-02-03T10:30:00.123Z");
}

TEST(Instant, RefusesWhatIsNoMoment) {
  for (const char* text :
       {"", "2026-02-30T00:00:00Z", "2026-02-03", "2026-02-03T25:00:00Z", "2026-02-03T09:00:00",
        "2026-02-03T09:00:00.Z", "2026-02-03T09:00:00Zx", "yesterday"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

}  // namespace
}  // namespace aftercall
