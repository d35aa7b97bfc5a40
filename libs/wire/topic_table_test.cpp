#include "wire/topic_table.hpp"

#include <gtest/gtest.h>

#include <map>

namespace aftercall::wire {
namespace {

std::map<std::string, TopicShape> by_name() {
  std::map<std::string, TopicShape> shapes;
  for (auto& shape : topic_table()) shapes[shape.short_name] = shape;
  return shapes;
}

TEST(TopicTable, TheLedgerHasAsManyPartitionsAsNoteReady) {
  const auto shapes = by_name();
  EXPECT_EQ(shapes.at("delivery.ledger").partitions, shapes.at("note.ready").partitions);
  EXPECT_EQ(shapes.at("delivery.ledger").config.at("retention.ms"), "15552000000");
}

TEST(TopicTable, SecretsAndDeferralsAreCompactedWithinAnHour) {
  const auto shapes = by_name();
  for (const char* name : {"tenant.secret", "tenant.config", "event.deferred"}) {
    EXPECT_EQ(shapes.at(name).config.at("cleanup.policy"), "compact") << name;
    EXPECT_EQ(shapes.at(name).config.at("max.compaction.lag.ms"), "3600000") << name;
  }
}

TEST(TopicTable, PersonalDataStaysThirtyDaysAtMost) {
  const auto shapes = by_name();
  for (const char* name : {"session.finished", "contact.matched", "note.ready"})
    EXPECT_EQ(shapes.at(name).config.at("retention.ms"), "2592000000") << name;
}

}  // namespace
}  // namespace aftercall::wire
