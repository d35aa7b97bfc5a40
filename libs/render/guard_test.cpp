#include "render/guard.hpp"

#include <gtest/gtest.h>
#include <gumbo.h>

#include <algorithm>
#include <random>
#include <string>

namespace aftercall::render {
namespace {

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += piece;
  return text;
}

constexpr Load endless{.open = SIZE_MAX, .attributes = SIZE_MAX, .tags = SIZE_MAX, .nodes = SIZE_MAX};

TEST(Guard, CountsWhatIsOpenAtATime) {
  EXPECT_EQ(load_of("<p>a</p><p>b</p>").open, 1U);
  EXPECT_EQ(load_of("<p>a<p>b<ul><li>c<li>d</ul><br><img>").open, 2U);
  EXPECT_EQ(load_of("<b><i><b>").open, 3U);
  EXPECT_EQ(load_of("<b><div></b></div>").open, 2U);
  EXPECT_EQ(load_of("<table><tr><td>1<td>2<tr><td>3</table><p>").open, 3U);
}

TEST(Guard, TakesNoTextForElements) {
  for (const char* name : {"style", "textarea", "title", "xmp"})
    EXPECT_EQ(load_of("<p><" + std::string(name) + ">" + repeated("<b>", 600) + "</" + name + "><i>").open,
              2U)
        << name;
  EXPECT_EQ(load_of("<!-- " + repeated("<b>", 600) + " --><i>").open, 1U);
  EXPECT_EQ(load_of("<p title='" + repeated("<b>", 600) + "'><i>").open, 2U);
}

TEST(Guard, IsNotDeceivedByWhatOnlyLooksLikeAnEndTag) {
  for (const char* piece :
       {"<b><i title='</b>'>", "<b><!-- </b> -->", "<b><!---!></b>-->", "<b><script></b></script>",
        "<b><textarea></b></textarea>", "<b></i>", "<b></ b>", "<b><!x </b>"})
    EXPECT_GE(load_of(repeated(piece, 20'000)).open, 100U) << piece;
}

TEST(Guard, RefusesWhatAParserWouldNotEnd) {
  EXPECT_FALSE(bearable(repeated("<b>", 1'000)));
  EXPECT_FALSE(bearable("<p " + repeated("a ", 1'000) + ">"));
  EXPECT_FALSE(bearable(repeated("<html a b c d e><body f g h i j>", 1'000)));
  EXPECT_FALSE(bearable(repeated("<b></b>", 200'000)));
  EXPECT_FALSE(bearable(repeated("<b>", 294) + repeated("<p>x", 36'000)));
  EXPECT_FALSE(bearable(std::string(largest_html + 1, 'x')));
  EXPECT_FALSE(bearable("<svg>" + std::string(largest_uncertain_html, 'x')));
  EXPECT_TRUE(bearable("<svg><path/></svg>"));
  EXPECT_TRUE(bearable(std::string(largest_html, 'x')));
}

TEST(Guard, CountsInAFewStepsAByteWhateverItReads) {
  for (const char* piece :
       {"<b>", "<b></b>", "<", "</", "<!--", "<!-- -", "--", "<a b='", "<a b=\"", "<script></", "<li></ul>",
        "<textarea>", "<p></div>", "\"", "<!", "<b x", "<td></table>", "=", "<x/>"}) {
    const auto html = repeated(piece, 300'000);
    EXPECT_LE(load_of(html, endless).steps, 2 * html.size()) << piece;
  }
}

std::size_t depth_of(const GumboNode& root) {
  std::size_t deepest = 0;
  std::vector<std::pair<const GumboNode*, std::size_t>> todo{{&root, 1}};
  while (!todo.empty()) {
    const auto [node, depth] = todo.back();
    todo.pop_back();
    deepest = std::max(deepest, depth);
    if (node->type != GUMBO_NODE_ELEMENT && node->type != GUMBO_NODE_TEMPLATE) continue;
    const auto& children = node->v.element.children;
    for (unsigned i = 0; i < children.length; ++i)
      todo.emplace_back(static_cast<const GumboNode*>(children.data[i]), depth + 1);
  }
  return deepest;
}

// The promise of the header, against the parser itself: tags in every order, well formed or not.
TEST(Guard, NeverCountsLessThanTheParserBuilds) {
  const std::vector<std::string> pieces = {
      "<b>",         "</b>",      "<i>",        "</i>",         "<p>",           "</p>",
      "<div>",       "</div>",    "<ul>",       "</ul>",        "<li>",          "</li>",
      "<a href=x>",  "</a>",      "<table>",    "</table>",     "<tr>",          "</tr>",
      "<td>",        "</td>",     "<tbody>",    "</tbody>",     "<h2>",          "</h2>",
      "<span>",      "</span>",   "<br>",       "<!--",         "-->",           "--!>",
      "<!-",         "'",         "\"",         "<b x='",       "<i y=\"",       ">",
      "text",        "<form>",    "</form>",    "<button>",     "</button>",     "<dd>",
      "<dt>",        "</dl>",     "<dl>",       "<script>",     "</script>",     "<textarea>",
      "</textarea>", "<caption>", "</caption>", "<center>",     "<nobr>",        "</br>",
      "<body>",      "</body>",   "<html>",     "<hr>",         "<option>",      "<style>",
      "</style>",    "<title>",   "</title>",   "<blockquote>", "</blockquote>", "<font a=1>",
      "<font b=2>",  "</font>"};
  std::mt19937 random(20260203);
  int compared = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string html;
    const std::size_t kinds = 2 + random() % 6;  // few kinds: the same few orders again and again grow deep
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < kinds; ++i) chosen.push_back(random() % pieces.size());
    for (int i = 0; i < 60; ++i) html += pieces[chosen[random() % kinds]];
    GumboOptions options = kGumboDefaultOptions;
    options.max_errors = 0;
    options.fragment_context = GUMBO_TAG_DIV;
    GumboOutput* output = gumbo_parse_with_options(&options, html.data(), html.size());
    const auto built = depth_of(*output->root);
    gumbo_destroy_output(&options, output);
    const auto load = load_of(html, endless);
    if (!load.certain) continue;
    ++compared;
    // html above all, a text below all; and a table's row and body that the text need not name.
    ASSERT_LE(built, 3 * load.open + 3) << html;
  }
  EXPECT_GT(compared, 10'000);
}

}  // namespace
}  // namespace aftercall::render
