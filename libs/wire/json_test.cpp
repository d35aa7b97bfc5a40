#include "wire/json.hpp"

#include <gtest/gtest.h>

namespace aftercall::wire {
namespace {

TEST(Json, EqualValuesGiveEqualText) {
  const Json one = Json::Object{{"b", Json::Array{1, true, Json()}}, {"a", "x"}};
  const Json other = Json::Object{{"a", "x"}, {"b", Json::Array{1, true, Json::Null{}}}};
  EXPECT_EQ(canonical(one), R"({"a":"x","b":[1,true,null]})");
  EXPECT_EQ(canonical(one), canonical(other));
}

TEST(Json, EmptyListsAndObjectsAreWritten) {
  EXPECT_EQ(canonical(Json::Object{{"list", Json::Array{}}, {"object", Json::Object{}}}),
            R"({"list":[],"object":{}})");
}

TEST(Json, OnlyWhatMustBeEscapedIsEscaped) {
  EXPECT_EQ(canonical(Json("a\"\\\n\x01 åä \x7f 😀/")), "\"a\\\"\\\\\\u000a\\u0001 åä \x7f 😀/\"");
}

TEST(Json, ANumberThatIsNoIntegerStaysAsItWasWritten) {
  EXPECT_EQ(canonical(Json(Json::Number{"1.50"})), "1.50");
  EXPECT_EQ(canonical(Json(std::int64_t{-9007199254740993})), "-9007199254740993");
}

TEST(Pointer, EscapesAndCutsNames) {
  EXPECT_EQ(pointer_to("/a", "b/c~d"), "/a/b~1c~0d");
  EXPECT_EQ(pointer_to("", 7), "/7");
  const std::string cut = pointer_to("", std::string(99, 'x') + "åäö");
  EXPECT_EQ(cut, "/" + std::string(99, 'x') + "å…");
}

}  // namespace
}  // namespace aftercall::wire
