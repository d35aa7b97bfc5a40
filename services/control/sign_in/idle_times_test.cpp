#include "control/sign_in/idle_times.hpp"

#include <gmock/gmock.h>

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Name = IdleTimes::Name;

const Name one{TenantId("acme"), ConnectionId("pipedrive")};
const Name other{TenantId("beta"), ConnectionId("pipedrive")};
const Instant start = instant_of(1'700'000'000'000);
constexpr auto day = 24h;

double least() { return 0; }
double half() { return 0.5; }

TEST(IdleTimes, AWeekAfterItsLastUseATokenIsUsed) {
  IdleTimes times;
  EXPECT_THAT(times.take({{one, start}}, start, least), IsEmpty());
  EXPECT_THAT(times.take({{one, start}}, start + 7 * day - 1h, least), IsEmpty());
  EXPECT_THAT(times.take({{one, start}}, start + 7 * day, least), ElementsAre(one));
}

TEST(IdleTimes, AUsePutsItOff) {
  IdleTimes times;
  times.take({{one, start}}, start, least);
  EXPECT_THAT(times.take({{one, start + 5 * day}}, start + 8 * day, least), IsEmpty());
  EXPECT_THAT(times.take({{one, start + 5 * day}}, start + 12 * day, least), ElementsAre(one));
}

TEST(IdleTimes, AreSpreadOverADay) {
  IdleTimes times;
  times.take({{one, start}}, start, half);
  EXPECT_THAT(times.take({{one, start}, {other, start + 1h}}, start + 1h, least), IsEmpty());
  EXPECT_THAT(times.take({{one, start}, {other, start + 1h}}, start + 6 * day + 12h, least),
              ElementsAre(one));
}

TEST(IdleTimes, AfterAStartThoseThatAreLateDoNotComeInOneMoment) {
  IdleTimes times;
  const Instant long_ago = start - 30 * day;
  EXPECT_THAT(times.take({{one, long_ago}}, start, half), IsEmpty());
  EXPECT_THAT(times.take({{one, long_ago}}, start + 30min, half), ElementsAre(one));
}

TEST(IdleTimes, ATryThatCameToNothingIsMadeAgainAfterAWhile) {
  IdleTimes times;
  times.take({{one, start}}, start, least);
  EXPECT_THAT(times.take({{one, start}}, start + 7 * day, half), ElementsAre(one));
  EXPECT_THAT(times.take({{one, start}}, start + 7 * day + 1h, half), IsEmpty());
  EXPECT_THAT(times.take({{one, start}}, start + 7 * day + 90min, half), ElementsAre(one));
}

TEST(IdleTimes, AConnectionThatIsGoneIsForgotten) {
  IdleTimes times;
  times.take({{one, start}}, start, least);
  times.take({}, start + 1h, least);
  EXPECT_THAT(times.take({{one, start}}, start + 8 * day, half), IsEmpty()) << "seen for the first time";
}

}  // namespace
}  // namespace aftercall::control
