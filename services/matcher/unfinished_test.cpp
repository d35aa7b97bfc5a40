#include "matcher/unfinished.hpp"

#include <gmock/gmock.h>

namespace aftercall::matcher {
namespace {

using testing::ElementsAre;
using testing::Key;

const Sight main_sight{CrmAccount("a1"), ConnectionId("main")};
const Unfinished::Unit unit{main_sight, "event", ""};
const Unfinished::Time start{};

Unfinished::Told told(std::vector<std::string> identities) {
  Unfinished::Told out;
  for (auto& each : identities) out.contacts.emplace(std::move(each), crm::Answer());
  return out;
}

TEST(Unfinished, GivesBackWhatWasAnsweredAndNothingElse) {
  Unfinished unfinished;
  auto half = told({"anna", "bo"});
  half.contacts.emplace("cy", fail(Cause::RateLimited, "later"));
  half.since = instant_of(7);
  unfinished.keep(unit, half, start);
  const auto again = unfinished.take(unit, start);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->contacts, ElementsAre(Key("anna"), Key("bo")));
  EXPECT_EQ(again->since, instant_of(7));
  EXPECT_FALSE(unfinished.take(unit, start)) << "once";
}

TEST(Unfinished, IsTheUnitsOwnAndItsRuns) {
  Unfinished unfinished;
  unfinished.keep(unit, told({"anna"}), start);
  EXPECT_FALSE(unfinished.take({main_sight, "other", ""}, start));
  EXPECT_FALSE(unfinished.take({main_sight, "event", "run"}, start));
  EXPECT_FALSE(unfinished.take({{CrmAccount("a2"), main_sight.connection}, "event", ""}, start));
  EXPECT_TRUE(unfinished.take(unit, start));
}

TEST(Unfinished, IsForgottenWhenNobodyComesForIt) {
  Unfinished unfinished;
  unfinished.keep(unit, told({"anna"}), start);
  EXPECT_FALSE(unfinished.take(unit, start + Unfinished::kept_for));
}

TEST(Unfinished, HoldsNoMoreThanItsBound) {
  Unfinished unfinished;
  std::vector<std::string> many(Unfinished::most / 4);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = std::to_string(i);
  const auto number = [](int i) { return Unfinished::Unit{main_sight, std::to_string(i), ""}; };
  for (int i = 0; i < 4; ++i) unfinished.keep(number(i), told(many), start);
  unfinished.keep(number(3), told(many), start);
  EXPECT_TRUE(unfinished.take(number(0), start));
  unfinished.keep(number(4), told(many), start);
  EXPECT_TRUE(unfinished.take(number(1), start)) << "there was room";
  unfinished.keep(number(5), told(many), start);
  unfinished.keep(number(6), told(many), start);
  EXPECT_FALSE(unfinished.take(number(2), start));
  EXPECT_TRUE(unfinished.take(number(6), start));
}

}  // namespace
}  // namespace aftercall::matcher
