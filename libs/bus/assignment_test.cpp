#include "bus/assignment.hpp"

#include <gmock/gmock.h>

namespace aftercall::bus {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto two_topics =
    "\0\1"
    "\0\0\0\2"
    "\0\5notes\0\0\0\2\0\0\0\1\0\0\1\0"
    "\0\4more\0\0\0\1\0\0\0\7"
    "\xff\xff\xff\xff"sv;

TEST(Assignment, TellsThePartitionsOfTheTopicThatIsAskedAbout) {
  EXPECT_THAT(assigned_in(two_topics, "notes"), ElementsAre(1, 256));
  EXPECT_THAT(assigned_in(two_topics, "more"), ElementsAre(7));
  EXPECT_THAT(assigned_in(two_topics, "none"), IsEmpty());
}

TEST(Assignment, OfBytesThatEndTooEarlyNothingIsTaken) {
  const auto without_the_assignors_own = two_topics.size() - 4;
  for (std::size_t size = 0; size < without_the_assignors_own; ++size)
    EXPECT_THAT(assigned_in(two_topics.substr(0, size), "notes"), IsEmpty()) << size;
  EXPECT_THAT(assigned_in("\0\1\x7f\xff\xff\xff"sv, "notes"), IsEmpty());
  EXPECT_THAT(assigned_in("\0\1\0\0\0\1\xff\xff"sv, "notes"), IsEmpty());
}

}  // namespace
}  // namespace aftercall::bus
