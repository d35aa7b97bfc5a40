#include "render/html.hpp"

#include <gtest/gtest.h>

namespace aftercall::render {
namespace {

TEST(Html, EscapesEveryText) {
  EXPECT_EQ(Html::text("<b>&\"'\x01").str(), "&lt;b&gt;&amp;&quot;'");
  EXPECT_EQ(Html::element(Tag::P, Html::text("a<b") + Html::line_break() + Html::text("c")).str(),
            "<p>a&lt;b<br>c</p>");
}

TEST(Html, LinksToHttpsAlone) {
  EXPECT_EQ(Html::link("https://x.example/?a=1&b=\"2\"", Html::text("x")).str(),
            "<a href=\"https://x.example/?a=1&amp;b=&quot;2&quot;\">x</a>");
  for (const char* url :
       {"", "http://x.example", "javascript:alert(1)", "https://", "https:///x", "https://x.example/a b",
        "https://x.example/\n", "https://x.example\\@evil", "//x.example", "https://\x01x.example"}) {
    const std::string shown = Html::link(url, Html::text("x")).str();
    EXPECT_TRUE(shown == "x" || std::string_view(url).ends_with('\n')) << url << shown;
  }
  EXPECT_FALSE(safe_link("https://x.example/" + std::string(2000, 'x')));
  EXPECT_EQ(safe_link(" HTTPS://x.example/\n"), "https://x.example/");
}

TEST(Html, MakesParagraphsOfText) {
  EXPECT_EQ(paragraphs("a\nb\n \n\nc<").str(), "<p>a<br>b</p><p>c&lt;</p>");
  EXPECT_EQ(paragraphs("  \n").str(), "");
}

TEST(Html, EveryTagIsFoundByItsName) {
  for (std::size_t i = 0; i < tags.size(); ++i) EXPECT_EQ(tag_named(tags[i].name), static_cast<Tag>(i));
  EXPECT_EQ(name_of(Tag::Span), "span");
  EXPECT_FALSE(tag_named("script"));
}

}  // namespace
}  // namespace aftercall::render
