#include "policy/uuid.hpp"

#include <gtest/gtest.h>

namespace aftercall {
namespace {

// RFC 4122, appendix C.
const Uuid dns = *parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
const Uuid url = *parse_uuid("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

TEST(Uuid, IsWhatPythonsUuid5Gives) {
  EXPECT_EQ(to_string(uuid_v5(dns, "python.org")), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
  EXPECT_EQ(to_string(uuid_v5(url, "https://example.com/Ünï")), "90fbbe09-8f0c-5015-b239-f7683e6f1b35");
  EXPECT_EQ(to_string(uuid_v5(dns, "")), "4ebd0208-8328-5d69-8c44-ec50939c0967");
}

TEST(Uuid, IsReadInEitherCaseAndWrittenInLowerCase) {
  EXPECT_EQ(to_string(*parse_uuid("6BA7B810-9dad-11D1-80b4-00C04FD430C8")),
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
}

TEST(Uuid, IsNotReadFromAnyOtherForm) {
  for (const char* text : {"", "6ba7b810-9dad-11d1-80b4-00c04fd430c", "6ba7b8109dad11d180b400c04fd430c8",
                           "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
                           "6ba7b810+9dad-11d1-80b4-00c04fd430c8", "6ba7b8109-dad-11d1-80b4-00c04fd430c8"})
    EXPECT_FALSE(parse_uuid(text)) << text;
}

}  // namespace
}  // namespace aftercall
