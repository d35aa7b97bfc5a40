#include "bus/topic_compare.hpp"

#include <gmock/gmock.h>

namespace aftercall::bus {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

const TopicSpec wanted{"notes", 12, 3, {{"cleanup.policy", "compact,delete"}, {"retention.ms", "86400000"}}};

TEST(TopicCompare, FindsNothingInAnEqualTopicWhateverElseIsConfigured) {
  const ExistingTopic found{
      12, 3, {{"cleanup.policy", "delete, compact"}, {"retention.ms", "86400000"}, {"segment.ms", "1"}}};
  EXPECT_THAT(differences(wanted, found), IsEmpty());
}

TEST(TopicCompare, NamesEveryDifference) {
  const ExistingTopic found{6, 1, {{"cleanup.policy", "delete"}}};
  EXPECT_THAT(
      differences(wanted, found),
      ElementsAre(
          AllOf(Field(&Difference::property, "partitions"), Field(&Difference::found, "6")),
          AllOf(Field(&Difference::property, "replication"), Field(&Difference::found, "1")),
          AllOf(Field(&Difference::property, "cleanup.policy"), Field(&Difference::found, "delete")),
          AllOf(Field(&Difference::property, "retention.ms"), Field(&Difference::wanted, "86400000"))));
}

}  // namespace
}  // namespace aftercall::bus
