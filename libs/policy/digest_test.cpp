#include "policy/digest.hpp"

#include <gtest/gtest.h>

namespace aftercall {
namespace {

TEST(Digest, IsTheSha256ThatEverybodyElseComputes) {  // FIPS 180-2, appendix B.1
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(LengthPrefixed, KeepsPartsApart) {
  EXPECT_NE(length_prefixed({"ab", "c"}), length_prefixed({"a", "bc"}));
  EXPECT_NE(length_prefixed({"ab"}), length_prefixed({"ab", ""}));
  EXPECT_EQ(length_prefixed({"ab", ""}), std::string("\0\0\0\2ab\0\0\0\0", 10));
}

}  // namespace
}  // namespace aftercall
