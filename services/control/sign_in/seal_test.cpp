#include "control/sign_in/seal.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace aftercall::control {
namespace {

using testing::HasSubstr;
using testing::Not;

Secret key(char fill) { return Secret(std::string(32, fill)); }
KeyRing ring(const std::string& id, char fill) { return *KeyRing::of({{id, key(fill)}}); }
const std::string nonce(nonce_length, 'n');

TEST(Seal, OpensWhatItSealedAndShowsNothingOfIt) {
  const auto sealed = seal(ring("a", 'k'), "the client secret", "acme/connection/anna", nonce);
  ASSERT_TRUE(sealed);
  EXPECT_THAT(sealed->ciphertext, Not(HasSubstr("secret")));
  EXPECT_EQ(open(ring("a", 'k'), *sealed, "acme/connection/anna")->reveal(), "the client secret");
}

TEST(Seal, OpensForNoOtherRecord) {
  const auto sealed = seal(ring("a", 'k'), "text", "acme/connection/anna", nonce);
  EXPECT_FALSE(open(ring("a", 'k'), *sealed, "acme/connection/ben"));
}

TEST(Seal, NoticesEveryChangedByte) {
  const auto sealed = seal(ring("a", 'k'), "text", "x", nonce);
  for (std::size_t i = 0; i < sealed->ciphertext.size(); ++i) {
    Sealed damaged = *sealed;
    damaged.ciphertext[i] = static_cast<char>(damaged.ciphertext[i] ^ 1);
    EXPECT_FALSE(open(ring("a", 'k'), damaged, "x")) << i;
  }
  Sealed cut = *sealed;
  cut.ciphertext.resize(3);
  EXPECT_FALSE(open(ring("a", 'k'), cut, "x"));
}

TEST(Seal, AnOlderKeyOfTheRingStillOpens) {
  const auto sealed = seal(ring("old", 'o'), "text", "x", nonce);
  const auto both = KeyRing::of({{"new", key('n')}, {"old", key('o')}});
  EXPECT_EQ(open(*both, *sealed, "x")->reveal(), "text");
  EXPECT_EQ(seal(*both, "text", "x", nonce)->key_id, "new");
  EXPECT_THAT(open(ring("new", 'n'), *sealed, "x").error().detail, HasSubstr("lacks the key"));
}

TEST(KeyRing, RefusesKeysThatAreNone) {
  EXPECT_FALSE(KeyRing::of({}));
  EXPECT_FALSE(KeyRing::of({{"short", Secret("abc")}}));
  EXPECT_FALSE(KeyRing::of({{"twice", key('a')}, {"twice", key('b')}}));
}

TEST(KeyRing, RefusesAFileThatOthersCanRead) {
  const auto path = std::filesystem::temp_directory_path() / ("key_ring_test_" + hex_of(random_bytes(6)));
  std::ofstream(path) << "[[key]]\nid = \"a\"\nkey = \"" << std::string(64, 'f') << "\"\n";
  chmod(path.c_str(), 0644);
  EXPECT_THAT(load_key_ring(path).error().detail, HasSubstr("chmod 600"));
  chmod(path.c_str(), 0600);
  EXPECT_TRUE(load_key_ring(path));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace aftercall::control
