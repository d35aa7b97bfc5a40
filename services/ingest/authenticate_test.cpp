#include "ingest/authenticate.hpp"

#include <gtest/gtest.h>

#include "ingest/test_directory.hpp"
#include "policy/digest.hpp"

namespace aftercall::ingest {
namespace {

std::string judged(const http::Headers& headers) {
  const auto directory = test_directory();
  const auto source = authenticate(headers, directory);
  if (!source) return std::string(source.error().code);
  return (*source)->tenant.str() + "/" + (*source)->id.str();
}

TEST(Authenticate, TheKeyTellsTenantAndSource) {
  EXPECT_EQ(judged({{"Authorization", "Bearer key-of-meetings"}}), "acme/meetings");
  EXPECT_EQ(judged({{"authorization", "bearer key-of-dialer"}}), "acme/dialer");
  EXPECT_EQ(judged({{"Authorization", "Bearer key-of-paused"}}), "paused/meetings");
}

TEST(Authenticate, ARotatedSourceHasTwoKeysForAWhile) {
  EXPECT_EQ(judged({{"Authorization", "Bearer next-key-of-meetings"}}), "acme/meetings");
}

TEST(Authenticate, RefusesWhatIsNoKey) {
  EXPECT_EQ(judged({}), "no_key");
  for (const char* field :
       {"", "Bearer", "Bearer ", "Bearer  key-of-meetings", "Basic key-of-meetings", "key-of-meetings",
        "Bearer key-of-meetings ", "Bearer key of meetings", "Bearer\tkey-of-meetings"})
    EXPECT_EQ(judged({{"Authorization", field}}), "no_key") << field;
  EXPECT_EQ(judged({{"Authorization", "Bearer " + std::string(513, 'x')}}), "no_key");
  EXPECT_EQ(judged({{"Authorization", "Bearer key-of-meetings"}, {"Authorization", "Bearer key-of-dialer"}}),
            "no_key");
}

TEST(Authenticate, RefusesAKeyThatNobodyHas) {
  EXPECT_EQ(judged({{"Authorization", "Bearer key-of-meeting"}}), "unknown_key");
  EXPECT_EQ(judged({{"Authorization", "Bearer " + sha256_hex("key-of-meetings")}}), "unknown_key");
}

TEST(Authenticate, RefusesADisabledSource) {
  EXPECT_EQ(judged({{"Authorization", "Bearer key-of-disabled"}}), "source_disabled");
}

}  // namespace
}  // namespace aftercall::ingest
