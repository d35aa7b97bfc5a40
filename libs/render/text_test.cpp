#include "render/text.hpp"

#include <gtest/gtest.h>

#include "domain/utf8.hpp"

namespace aftercall::render {
namespace {

TEST(Text, LosesControlCharactersAndKeepsEverythingElse) {
  EXPECT_EQ(cleaned(std::string("a\0b\x07\x1B\x7F\u0085\tc\r\nd\re", 15)), "ab\tc\nd\ne");
  EXPECT_EQ(cleaned("\u202Eabc\u202C שלום 会議 Åsa 😀"), "\u202Eabc\u202C שלום 会議 Åsa 😀");
  EXPECT_EQ(cleaned("a\xFF\xC0\xAFz"), "a\uFFFD\uFFFD\uFFFDz");
}

TEST(Text, IsCleanedAlikeWhereverTheFirstByteThatIsNotPlainStands) {
  for (std::size_t before = 0; before < 20; ++before) {
    const std::string plain(before, 'a');
    EXPECT_EQ(cleaned(plain + "\x07"), plain);
    EXPECT_EQ(cleaned(plain + "\x7f" + plain), plain + plain);
    EXPECT_EQ(cleaned(plain + "\r\n" + plain + "\r"), plain + "\n" + plain + "\n");
    EXPECT_EQ(cleaned(plain + "é\xC2\x85" + plain), plain + "é" + plain);
    EXPECT_EQ(cleaned(plain + "\xFF" + plain), plain + "\uFFFD" + plain);
  }
}

TEST(Text, IsBlankIfNothingOfItWouldBeSeen) {
  for (const char* text : {"", " \t\r\n", "\xC2\xA0\xE3\x80\x80", "\x01 \x7f"}) {
    EXPECT_TRUE(blank(text)) << text;
    EXPECT_EQ(one_line(text), "");
  }
  for (const char* text : {" x", "\n\n.", "\xFF", " \xC3\xA9"}) EXPECT_FALSE(blank(text)) << text;
}

TEST(Text, IsEscapedWhereverItStands) {
  std::string out = "<p>";
  append_escaped(out, "&a<b>\"c\"&");
  EXPECT_EQ(out, "<p>&amp;a&lt;b&gt;&quot;c&quot;&amp;");
}

TEST(Text, OfATitleStandsOnOneLine) {
  EXPECT_EQ(one_line("  Weekly\r\n\t sync\u00A0 "), "Weekly sync");
  EXPECT_EQ(one_line("\n"), "");
}

TEST(CutText, NeverExceedsItsLimitAndStaysReadable) {
  const std::string text =
      "Avstämning med Åsa 👩‍👩‍👧 e\u0301 🇸🇪🇯🇵 会議の要約です";
  for (std::size_t limit = 0; limit <= utf16_length(text); ++limit) {
    const auto result = cut_text(text, limit);
    ASSERT_LE(utf16_length(result), limit);
    ASSERT_TRUE(valid_utf8(result));
    ASSERT_EQ(cut_text(result, limit), result);
  }
}

TEST(CutText, EndsAtAWordIfOneIsNear) {
  EXPECT_EQ(cut_text("Quarterly business review", 20), "Quarterly business…");
  EXPECT_EQ(cut_text("Quarterly business review", 12), "Quarterly…");
  EXPECT_EQ(cut_text("abc defghijklmnopqrstuvwxyz", 12), "abc defghij…");
  EXPECT_EQ(cut_text("会議の要約です", 4), "会議の…");
  EXPECT_EQ(cut_text("fits", 4), "fits");
}

TEST(CutText, NeverCutsACharacterFromItsMarks) {
  EXPECT_EQ(cut_text("xe\u0301yz", 3), "x…");
  EXPECT_EQ(cut_text("x👩‍👩‍👧y", 8), "x…");
  EXPECT_EQ(cut_text("x👍🏽yz", 4), "x…");
  EXPECT_EQ(cut_text("x🇸🇪yz", 4), "x…");
  EXPECT_EQ(cut_text("x😀yz", 3), "x…");
}

}  // namespace
}  // namespace aftercall::render
