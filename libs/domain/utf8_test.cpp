#include "domain/utf8.hpp"

#include <gtest/gtest.h>

namespace aftercall {
namespace {

std::string repaired(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto next = first_code_point(text);
    append_utf8(out, next.value);
    text.remove_prefix(next.bytes);
  }
  return out;
}

TEST(Utf8, EveryCodePointIsReadAsItWasWritten) {
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    if (value == 0xD800) value = 0xE000;
    std::string text;
    append_utf8(text, value);
    const auto read = first_code_point(text);
    ASSERT_TRUE(read.valid) << static_cast<unsigned>(value);
    ASSERT_EQ(read.value, value);
    ASSERT_EQ(read.bytes, text.size());
  }
}

TEST(Utf8, OverlongFormsSurrogatesAndCutSequencesAreReplaced) {
  EXPECT_EQ(repaired("a\xC0\xAFz"), "a\uFFFD\uFFFDz");
  EXPECT_EQ(repaired("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(repaired("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(repaired("\xE2\x82"), "\uFFFD");
  EXPECT_EQ(repaired("\xE2\x82<"), "\uFFFD<");  // what follows is not swallowed
  EXPECT_EQ(repaired("\xF0\x9F\x98é"), "\uFFFDé");
  for (const char* text : {"\xC0\xAF", "\xED\xA0\x80", "\xE2\x82", "\x80", "\xFF"})
    EXPECT_FALSE(valid_utf8(text));
  EXPECT_TRUE(valid_utf8("Åsa 会議 😀"));
}

TEST(Utf8, LengthsAreCountedAsCrmsDo) {
  EXPECT_EQ(utf16_length("Åsa"), 3U);
  EXPECT_EQ(utf16_length("会議"), 2U);
  EXPECT_EQ(utf16_length("😀"), 2U);
  EXPECT_EQ(utf16_length("\xFF"), 1U);
}

TEST(Utf8, IsReadAlikeWhereverTheFirstLetterBeyondAsciiStands) {
  for (std::size_t before = 0; before < 20; ++before) {
    const std::string plain(before, 'a');
    EXPECT_EQ(utf16_length(plain + "😀" + plain + "é"), 2 * before + 3);
    EXPECT_TRUE(valid_utf8(plain + "é" + plain));
    EXPECT_FALSE(valid_utf8(plain + "\xFF" + plain));
    EXPECT_FALSE(valid_utf8(plain + "\xE2\x82"));
  }
}

TEST(Utf8, ABeginningEndsBetweenCharacters) {
  EXPECT_EQ(first_units("Åsa", 2), "Ås");
  EXPECT_EQ(first_units("a😀b", 2), "a");
  EXPECT_EQ(first_units("a😀b", 3), "a😀");
  EXPECT_EQ(first_units("a", 5), "a");
  EXPECT_EQ(first_units("a", 0), "");
}

}  // namespace
}  // namespace aftercall
