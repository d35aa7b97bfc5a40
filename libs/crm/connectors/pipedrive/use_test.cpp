#include "use.hpp"

#include <gmock/gmock.h>

namespace aftercall::crm::pipedrive {
namespace {

using testing::HasSubstr;

http::Response said(const std::string& data) { return {200, {}, R"({"success":true,"data":)" + data + "}"}; }

TEST(Use, IsLookedForAtThePersonTheirDealsNotesAndActivities) {
  const auto signs = signs_of_use(31);
  ASSERT_EQ(signs.size(), 4U);
  EXPECT_EQ(signs[0].path, "/api/v2/persons/31");
  for (std::size_t i = 1; i < signs.size(); ++i) EXPECT_THAT(signs[i].path, HasSubstr("?person_id=31&"));
}

TEST(Use, IsToldByAnEditOrByAnythingThatHangsThere) {
  for (const auto* const unused :
       {"null", "[]",
        R"({"is_deleted":true,"add_time":"2026-09-30T10:20:00Z","update_time":"2026-10-01T00:00:00Z"})",
        R"({"add_time":"2026-09-30T10:20:00Z","update_time":"2026-09-30T10:20:01Z"})"})
    EXPECT_FALSE(says_in_use(said(unused)).value()) << unused;
  for (const auto* const used : {R"([{"id":1}])", "{}",
                                 R"({"add_time":"2026-09-30T10:20:00Z",)"
                                 R"("update_time":"2026-09-30T11:00:00Z"})"})
    EXPECT_TRUE(says_in_use(said(used)).value()) << used;
  EXPECT_FALSE(says_in_use({404, {}, R"({"success":false})"}).value());
  EXPECT_FALSE(says_in_use({404, {}, "<html>"})) << "a page says nothing of the person";
  EXPECT_FALSE(says_in_use({503, {}, ""}));
}

}  // namespace
}  // namespace aftercall::crm::pipedrive
