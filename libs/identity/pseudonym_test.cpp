#include "identity/pseudonym.hpp"

#include <gtest/gtest.h>

namespace aftercall::identity {
namespace {

TEST(Pseudonyms, AreTheHmacThatEverybodyElseComputes) {  // RFC 4231, test case 1
  const auto pseudonyms = Pseudonyms::under(std::string(20, '\x0b'));
  ASSERT_TRUE(pseudonyms);
  EXPECT_EQ(pseudonyms->of("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST(Pseudonyms, OfOneSlotDifferBetweenTenants) {
  const auto ours = Pseudonyms::under("0123456789abcdef");
  const auto theirs = Pseudonyms::under("fedcba9876543210");
  ASSERT_TRUE(ours && theirs);
  EXPECT_EQ(ours->of("anna@example.se"), ours->of("anna@example.se"));
  EXPECT_NE(ours->of("anna@example.se"), theirs->of("anna@example.se"));
}

TEST(Pseudonyms, AreNotMadeUnderAGuessableKey) {
  EXPECT_EQ(Pseudonyms::under("").error().cause, Cause::SetupIncomplete);
  EXPECT_FALSE(Pseudonyms::under("short"));
}

}  // namespace
}  // namespace aftercall::identity
