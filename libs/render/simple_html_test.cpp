#include "render/simple_html.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "render/markdown.hpp"
#include "render/sanitize.hpp"
#include "render/text.hpp"

namespace aftercall::render {
namespace {

TEST(SimpleHtml, IsWhatMarkdownBecomes) {
  const auto html = markdown_to_html(R"(# Title

A *word*, a **strong** one & `code`; [here](https://x.example/?a=1&b=2).

- one
- two
  1. within

> said

    laid out
      like this

| a | b |
|---|---|
| 1 | 2 |
)");
  ASSERT_TRUE(html);
  const auto simple = simple_html(*html);
  ASSERT_TRUE(simple) << *html;
  EXPECT_EQ(simple->html, parsed(*html)->html);
}

TEST(SimpleHtml, LeavesToAParserWhatReadsDifferentlyThanItLooks) {
  for (const auto* const html : {"<p>one<p>two</p>",
                                 "<p><ul><li>x</li></ul></p>",
                                 "<b><p>x</p></b>",
                                 "<b><i>x</b></i>",
                                 "<table>x</table>",
                                 "<table><tr><td>x</td></tr></table>",
                                 "<li>x</li>",
                                 "<ul>x</ul>",
                                 "<p>x",
                                 "x</p>",
                                 "<pre>\nx</pre>",
                                 "<a href=\"https://x.example\"><a href=\"https://y.example\">x</a></a>",
                                 "<P>x</P>",
                                 "<p class=\"x\">x</p>",
                                 "<p >x</p>",
                                 "&copy;",
                                 "&amp",
                                 "a & b",
                                 "<br/>",
                                 "<img>",
                                 "<script>x</script>",
                                 "<svg></svg>",
                                 "<!-- x -->",
                                 "<",
                                 "<p",
                                 "</p>",
                                 "<a>x</a>",
                                 "<a href='https://x.example'>x</a>",
                                 "<a href=\"x\" id=\"y\">x</a>",
                                 "<h2><h3>x</h3></h2>",
                                 "<ul><br></ul>"})
    EXPECT_FALSE(simple_html(html)) << html;
}

TEST(SimpleHtml, IsBounded) {
  const auto deep = [](int times) {
    std::string html;
    for (int i = 0; i < times; ++i) html += "<div>";
    for (int i = 0; i < times; ++i) html += "</div>";
    return html;
  };
  EXPECT_TRUE(simple_html(deep(30)));
  EXPECT_FALSE(simple_html(deep(50)));
  std::string many;
  for (int i = 0; i < 3'000; ++i) many += "<p></p>";
  EXPECT_FALSE(simple_html(many));
  EXPECT_FALSE(simple_html(std::string(300'000, 'x')));
}

// Random elements in random places, each closed: most are not simple, and those that are must be to a parser
// what they are to us.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string content(int depth) {
    std::string html;
    for (auto i = below(4); i > 0; --i) html += below(3) == 0 || depth == 0 ? text() : element(depth);
    return html;
  }

 private:
  std::string element(int depth) {
    static const std::vector<std::string> names{
        "p",   "li", "ul", "ol", "strong", "em",    "code",  "h1",    "h3", "blockquote", "pre",
        "div", "b",  "i",  "u",  "span",   "table", "thead", "tbody", "tr", "th",         "td"};
    const auto kind = below(14);
    if (kind == 0) return "<br>";
    if (kind == 1) return "<a href=\"" + target() + "\">" + content(depth - 1) + "</a>";
    if (kind == 2) return "<ul><li>" + content(depth - 1) + "</li></ul>";
    if (kind == 3) return "<table><tbody><tr><td>" + content(depth - 1) + "</td></tr></tbody></table>";
    if (kind == 4) return "<div>" + content(depth - 1) + "</div>";
    if (kind == 5) return "<pre>" + content(depth - 1) + "</pre>";
    const auto& name = names[below(names.size())];
    return "<" + name + ">" + content(depth - 1) + "</" + name + ">";
  }

  std::string text() {
    static const std::vector<std::string> texts{
        "word", " ", "\n",       "two\nlines", "end\n",           "&amp;",  "&lt;p&gt;",      "a > b",
        "\"",   "'", "Åsa 会議", "\t",         "&quot;&amp;amp;", "\uFEFF", "&lt;script&gt;", "\u2028"};
    return texts[below(texts.size())];
  }

  std::string target() {
    static const std::vector<std::string> targets{"https://x.example/?a=1&amp;b=&quot;",
                                                  "javascript:x",
                                                  "",
                                                  " https://x.example ",
                                                  "https://x.example/<p>",
                                                  "https://x.example/&amp;lt;"};
    return targets[below(targets.size())];
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::mt19937 random_;
};

TEST(SimpleHtml, IsReadAsAParserReadsIt) {
  int simple = 0;
  for (unsigned seed = 1; seed <= 20'000; ++seed) {
    const auto html = cleaned(Writer(seed).content(4));
    const auto ours = simple_html(html);
    if (!ours) continue;
    ++simple;
    const auto theirs = parsed(html);
    ASSERT_TRUE(theirs) << html;
    ASSERT_EQ(ours->html, theirs->html) << html;
    ASSERT_EQ(ours->notes, theirs->notes) << html;
  }
  EXPECT_GT(simple, 5'000);
}

}  // namespace
}  // namespace aftercall::render
