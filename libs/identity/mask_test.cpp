#include "identity/mask.hpp"

#include <gtest/gtest.h>

namespace aftercall::identity {
namespace {

TEST(Mask, ShowsTooLittleToLearnAnAddress) {
  EXPECT_EQ(masked("anna.berg@example.se"), "a***@example.se");
  EXPECT_EQ(masked("åsa@example.se"), "å***@example.se");
  EXPECT_EQ(masked("a@example.se"), "***@example.se");
  EXPECT_EQ(masked("+46701234567"), "+46***67");
}

TEST(Mask, HidesWhatItDoesNotKnow) {
  for (const char* text : {"", "+4670123", "Anna Berg", "070-123 45 67", "@", "account:1234567890"})
    EXPECT_EQ(masked(text), "***") << text;
}

}  // namespace
}  // namespace aftercall::identity
