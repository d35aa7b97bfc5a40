#include "control/sign_in/probe_times.hpp"

#include <gmock/gmock.h>

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const Blocked one{TenantId("acme"), CrmAccount("crm:1")};
const Blocked other{TenantId("acme"), CrmAccount("crm:2")};
const ProbeTimes::Time start{};

TEST(ProbeTimes, LookAtOnceWhenSomethingIsBlockedAndThenEverySoOften) {
  ProbeTimes times(15min);
  EXPECT_THAT(times.take({one}, start), ElementsAre(one));
  EXPECT_THAT(times.take({one, other}, start + 1min), ElementsAre(other));
  EXPECT_THAT(times.take({one, other}, start + 14min), IsEmpty());
  EXPECT_THAT(times.take({one, other}, start + 15min), ElementsAre(one));
}

TEST(ProbeTimes, BeginAnewWhenItIsBlockedAnew) {
  ProbeTimes times(15min);
  times.take({one}, start);
  EXPECT_THAT(times.take({}, start + 1min), IsEmpty());
  EXPECT_THAT(times.take({one}, start + 2min), ElementsAre(one));
}

}  // namespace
}  // namespace aftercall::control
