#include "matcher/remembered.hpp"

#include <gtest/gtest.h>

namespace aftercall::matcher {
namespace {

const ConnectionId main_connection("main");
const Remembered::Time start{};

crm::Answer somebody() {
  crm::Answer answer;
  answer.contacts.emplace_back();
  return answer;
}

TEST(Remembered, SomebodyStaysLongerThanNobody) {
  Remembered remembered;
  remembered.keep(main_connection, "anna", somebody(), start);
  remembered.keep(main_connection, "bo", {}, start);
  const auto later = start + Remembered::nobody_for;
  EXPECT_NE(remembered.find(main_connection, "anna", later), nullptr);
  EXPECT_EQ(remembered.find(main_connection, "bo", later), nullptr);
  EXPECT_EQ(remembered.find(main_connection, "anna", start + Remembered::somebody_for), nullptr);
}

TEST(Remembered, OneConnectionKnowsNothingOfAnother) {
  Remembered remembered;
  remembered.keep(main_connection, "anna", somebody(), start);
  EXPECT_EQ(remembered.find(ConnectionId("other"), "anna", start), nullptr);
}

TEST(Remembered, HoldsNoMoreThanItsBound) {
  Remembered remembered;
  for (std::size_t i = 0; i <= Remembered::most; ++i)
    remembered.keep(main_connection, std::to_string(i), somebody(), start);
  EXPECT_EQ(remembered.find(main_connection, "0", start), nullptr);
  EXPECT_NE(remembered.find(main_connection, std::to_string(Remembered::most), start), nullptr);
}

}  // namespace
}  // namespace aftercall::matcher
