#include "wire/keys.hpp"

#include <gmock/gmock.h>

namespace aftercall::wire {
namespace {

using testing::ElementsAre;
using testing::Optional;

TEST(Keys, PartsThatHoldASlashOrAPercentSignComeBackAsTheyWere) {
  const auto key = join_key({"acme", "a/b%", "Åsa ✓", ""});
  EXPECT_EQ(key, "acme/a%2Fb%25/%C3%85sa%20%E2%9C%93/");
  EXPECT_THAT(split_key(key), Optional(ElementsAre("acme", "a/b%", "Åsa ✓", "")));
}

TEST(Keys, TwoSourcesWithOneSessionIdHaveTwoKeys) {
  const SessionKey a{TenantId("t"), SourceId("a"), SessionId("1")};
  const SessionKey b{TenantId("t"), SourceId("b"), SessionId("1")};
  EXPECT_NE(key_of(a), key_of(b));
}

TEST(Keys, ABrokenEscapeIsNoKey) {
  EXPECT_FALSE(split_key("a/%2"));
  EXPECT_FALSE(split_key("a/%zz"));
}

}  // namespace
}  // namespace aftercall::wire
