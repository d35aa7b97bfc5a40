#include "control/configuration/names.hpp"

#include <gmock/gmock.h>

#include <string>

namespace aftercall::control {
namespace {

TEST(Names, AreWhatMayStandInKeysUrlsAndMetrics) {
  for (const auto* id : {"acme", "a", "0", "acme-ab_2.test"}) EXPECT_TRUE(is_id(id)) << id;
  for (const auto* id : {"", "-", "Acme", "a/b", "a b", "å", ".hidden"}) EXPECT_FALSE(is_id(id)) << id;
  EXPECT_TRUE(is_id(std::string(63, 'a')));
  EXPECT_FALSE(is_id(std::string(64, 'a')));
}

TEST(Names, ADomainHasTwoLabelsInLowerCase) {
  for (const auto* domain : {"acme.example", "a.b.c", "xn--bcher-kva.example"})
    EXPECT_TRUE(is_domain(domain)) << domain;
  for (const auto* domain :
       {"acme", "Acme.example", ".example", "acme.", "a..b", "-a.example", "@acme.example", ""})
    EXPECT_FALSE(is_domain(domain)) << domain;
}

TEST(Names, AnApiKeyIsLongAndFitsAHeader) {
  EXPECT_TRUE(is_api_key("akeythatislongenough"));
  for (const auto* key : {"short", "a key that is long enough", "keykeykeykeykeykey\n\n"})
    EXPECT_FALSE(is_api_key(key)) << key;
  EXPECT_FALSE(is_api_key(std::string(257, 'a')));
}

}  // namespace
}  // namespace aftercall::control
