#include "tenancy/control_channel.hpp"

#include <gmock/gmock.h>

namespace aftercall::tenancy {
namespace {

TEST(ControlChannel, IsInPlainTextOnThisMachineAlone) {
  for (const char* here : {"127.0.0.1:7000", "localhost:7000", "[::1]:7000"})
    EXPECT_TRUE(credentials_towards(here, "")) << here;
  for (const char* there :
       {"10.0.0.7:7000", "control.example:7000", "[2001:db8::1]:7000", "127.0.0.1.example:7000"}) {
    const auto refused = credentials_towards(there, "");
    ASSERT_FALSE(refused) << there;
    EXPECT_THAT(refused.error().detail, testing::HasSubstr("ca_file"));
    EXPECT_TRUE(credentials_towards(there, "PEM")) << there;
  }
}

}  // namespace
}  // namespace aftercall::tenancy
