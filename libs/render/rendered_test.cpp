#include "render/rendered.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "render/guard.hpp"
#include "render/markdown.hpp"
#include "render/sanitize.hpp"

namespace aftercall::render {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<fs::path> samples() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(SOURCE_DIR) / "golden"))
    if (entry.path().extension() != ".expected") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

TextFormat format_of(const fs::path& file) {
  if (file.extension() == ".md") return TextFormat::Markdown;
  return file.extension() == ".html" ? TextFormat::Html : TextFormat::Plain;
}

std::string shown(const Rendered& result) {
  std::string text = result.html.str() + "\n";
  for (const auto& note : result.notes) text += "note: " + note + "\n";
  return text;
}

class Golden : public testing::TestWithParam<fs::path> {};

// AFTERCALL_GOLDEN=write rewrites the expectations; their diff is for a person to read.
TEST_P(Golden, IsRenderedAsExpected) {
  const auto result = shown(rendered(contents(GetParam()), format_of(GetParam())));
  const fs::path expected = GetParam().string() + ".expected";
  const char* mode = std::getenv("AFTERCALL_GOLDEN");
  if (mode != nullptr && std::string(mode) == "write") std::ofstream(expected, std::ios::binary) << result;
  EXPECT_EQ(result, contents(expected));
}

TEST_P(Golden, StaysAsItIsWhenItIsSanitisedAgain) {
  const auto once = rendered(contents(GetParam()), format_of(GetParam()));
  const auto twice = sanitized(once.html.str());
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->html.str(), once.html.str());
  EXPECT_THAT(twice->notes, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Samples, Golden, testing::ValuesIn(samples()), [](const auto& sample) {
  return sample.param.stem().string() + "_" + sample.param.extension().string().substr(1);
});

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += piece;
  return text;
}

TEST(Rendered, WhatIsTooLargeOrTooDeepIsShownAsPlainTextAndSaysSo) {
  for (const auto& html :
       {repeated("<b>", 1'000'000) + "Hello", repeated("<div>", 600) + "Hello",
        "<p " + repeated("a b c ", 200'000) + ">Hello", repeated("<b></b>", 80'000) + "Hello",
        "Hello" + repeated(" there", 300'000), "<select></select>" + repeated("<div>", 4'000) + "Hello"}) {
    const auto result = rendered(html, TextFormat::Html);
    EXPECT_THAT(result.html.str(), HasSubstr("Hello"));
    EXPECT_THAT(result.html.str(), Not(HasSubstr("<b>")));
    EXPECT_THAT(result.notes, ElementsAre(HasSubstr("plain text")));
  }
}

TEST(Rendered, MarkdownThatWouldExplodeIsShownAsPlainText) {
  const std::string far = "[a]: https://x.example/" + std::string(100'000, 'x') + "\n\n";
  for (const auto& markdown : {repeated("> ", 80'000) + "Hello", repeated("- ", 80'000) + "Hello",
                               far + repeated("[a] ", 100'000) + "Hello", repeated("Hello ", 300'000)}) {
    EXPECT_FALSE(markdown_to_html(markdown));
    const auto result = rendered(markdown, TextFormat::Markdown);
    EXPECT_THAT(result.html.str(), HasSubstr("Hello"));
    EXPECT_THAT(result.html.str(), Not(HasSubstr("<blockquote>")));
    EXPECT_THAT(result.notes, ElementsAre(HasSubstr("plain text")));
  }
}

TEST(Rendered, AnOrdinaryLongSummaryKeepsItsForm) {
  std::string html;
  for (int i = 0; i < 1000; ++i) html += "<h3>Topic</h3><p>Some <b>bold</b> words<ul><li>one<li>two</ul>";
  const auto result = rendered(html, TextFormat::Html);
  EXPECT_THAT(result.notes, testing::IsEmpty());
  EXPECT_THAT(result.html.str(), HasSubstr("<li>two</li>"));
}

TEST(Rendered, BrokenBytesAreReplacedAndSaidSo) {
  const auto result = rendered("a\xFF", TextFormat::Plain);
  EXPECT_EQ(result.html.str(), "<p>a\uFFFD</p>");
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("UTF-8")));
}

TEST(Rendered, NothingIsNothing) {
  for (const auto format : {TextFormat::Plain, TextFormat::Markdown, TextFormat::Html})
    EXPECT_TRUE(rendered(" \n ", format).html.str().find('<') == std::string::npos);
}

}  // namespace
}  // namespace aftercall::render
