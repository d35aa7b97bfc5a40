#include "matcher/remembered.hpp"

#include <gtest/gtest.h>

namespace aftercall::matcher {
namespace {

const Sight main_sight{CrmAccount("dynamics365:1"), ConnectionId("main")};
const Remembered::Time start{};

crm::Answer somebody() {
  crm::Answer answer;
  answer.contacts.emplace_back();
  return answer;
}

TEST(Remembered, SomebodyStaysLongerThanNobody) {
  Remembered remembered;
  remembered.keep(main_sight, "anna", somebody(), start);
  remembered.keep(main_sight, "bo", {}, start);
  const auto later = start + Remembered::nobody_for;
  EXPECT_NE(remembered.find(main_sight, "anna", later), nullptr);
  EXPECT_EQ(remembered.find(main_sight, "bo", later), nullptr);
  EXPECT_EQ(remembered.find(main_sight, "anna", start + Remembered::somebody_for), nullptr);
}

TEST(Remembered, OneConnectionKnowsNothingOfAnother) {
  Remembered remembered;
  remembered.keep(main_sight, "anna", somebody(), start);
  EXPECT_EQ(remembered.find({main_sight.account, ConnectionId("other")}, "anna", start), nullptr);
}

TEST(Remembered, OneTenantKnowsNothingOfAnotherWhoseConnectionBearsTheSameName) {
  Remembered remembered;
  remembered.keep(main_sight, "anna", somebody(), start);
  EXPECT_EQ(remembered.find({CrmAccount("dynamics365:2"), main_sight.connection}, "anna", start), nullptr);
}

TEST(Remembered, HoldsNoMoreThanItsBound) {
  Remembered remembered;
  for (std::size_t i = 0; i <= Remembered::most; ++i)
    remembered.keep(main_sight, std::to_string(i), somebody(), start);
  EXPECT_EQ(remembered.find(main_sight, "0", start), nullptr);
  EXPECT_NE(remembered.find(main_sight, std::to_string(Remembered::most), start), nullptr);
}

}  // namespace
}  // namespace aftercall::matcher
