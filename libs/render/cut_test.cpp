#include "render/cut.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/utf8.hpp"
#include "render/html.hpp"
#include "render/sanitize.hpp"

namespace aftercall::render {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view link = "https://app.example/s/1?a=1&b=2";
const std::string linked =
    R"(<p>… shortened: <a href="https://app.example/s/1?a=1&amp;b=2">read it all</a></p>)";

std::string sample() {
  return "<h2>Möte &amp; plan</h2><p>One sentence here. Another one, longer than that! And a third?</p>"
         "<ul><li>first <b>bold</b> point</li><li>second 😀👩‍👩‍👧🇸🇪 point</li></ul>\n"
         "<table><tbody><tr><td>1</td><td>a<br>b</td></tr><tr><td>2</td><td>&lt;c&gt;</td></tr></tbody></"
         "table>"
         "<p>会議の要約。次回は九月です！<a href=\"https://ok.example/x\">link text that is "
         "long</a></p><p>end</p>";
}

// What is well formed, allowed and complete comes out of the sanitiser as it went in.
std::string reread(const std::string& html) {
  const auto again = sanitized(html);
  return again ? again->html.str() : "";
}

TEST(Cut, IsWellFormedAndWithinEveryLimit) {
  const std::string whole = sample();
  for (std::size_t limit = 0; limit <= utf16_length(whole); ++limit) {
    const auto result = cut(whole, limit, link);
    ASSERT_LE(utf16_length(result), limit);
    ASSERT_EQ(reread(result), result) << limit;
    ASSERT_EQ(cut(result, limit, link), result) << limit;
  }
}

TEST(Cut, LeavesAloneWhatFits) {
  EXPECT_EQ(cut(sample(), utf16_length(sample()), link), sample());
  EXPECT_EQ(cut("", 0, link), "");
}

TEST(Cut, EndsAtAnElementAndPointsToTheRest) {
  const auto result = cut(sample(), utf16_length(sample()) - 1, link);
  EXPECT_THAT(result, StartsWith("<h2>Möte &amp; plan</h2>"));
  EXPECT_THAT(result, EndsWith("</table>" + linked));
}

TEST(Cut, EndsAtASentenceWhereOneElementHoldsNearlyAll) {
  std::string text = "<p>Short.</p><p>";
  for (int i = 0; i < 50; ++i) text += "A sentence of some words. ";
  const auto result = cut(text + "</p>", 500, link);
  EXPECT_THAT(result, EndsWith("A sentence of some words.</p>" + linked));
  EXPECT_GT(utf16_length(result), 450U);
  EXPECT_THAT(cut("<p>" + std::string(400, 'x') + "</p>", 200, ""), EndsWith("xx</p><p>… shortened</p>"));
}

TEST(Cut, AgainLeavesOneNoteOfIt) {
  const auto once = cut(sample(), 400, link);
  const auto twice = cut(once, 250, link);
  EXPECT_LE(utf16_length(twice), 250U);
  EXPECT_THAT(twice, EndsWith(linked));
  EXPECT_EQ(twice.find("shortened"), twice.rfind("shortened"));
}

TEST(Cut, SaysLessWhereThereIsLittleRoom) {
  EXPECT_EQ(cut(sample(), 1, link), "…");
  EXPECT_EQ(cut(sample(), 0, link), "");
  EXPECT_THAT(cut(sample(), 60, link), EndsWith("<p>… shortened</p>"));
  EXPECT_THAT(cut(sample(), 150, "javascript:alert(1)"), EndsWith("<p>… shortened</p>"));
}

TEST(Cut, LeavesNoEmptyElementBehind) {
  for (std::size_t limit = 100; limit < utf16_length(sample()); ++limit) {
    const auto result = cut(sample(), limit, link);
    for (const char* empty :
         {"<li></li>", "<ul></ul>", "<p></p>", "<tr></tr>", "<tbody></tbody>", "<td></td>"})
      ASSERT_THAT(result, Not(HasSubstr(empty))) << limit;
  }
}

}  // namespace
}  // namespace aftercall::render
