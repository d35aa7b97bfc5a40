#include <algorithm>
#include <array>

#include "domain/utf8.hpp"
#include "render/cut.hpp"
#include "render/markdown.hpp"
#include "render/rendered.hpp"
#include "render/sanitize.hpp"
#include "render/simple_html.hpp"
#include "render/text.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace aftercall::fuzz {

namespace {

const std::string html_sample =
    R"(<p>Hello <b>bold</b> <a href="https://x.example/?a=1&amp;b=2">link</a></p><ul><li>a<li>b</ul>)";
const std::string table_sample =
    R"(<table><caption>c</caption><tr><td>1<td>2<tr><th>3</table><h1>One</h1><pre>a
 b</pre>)";
const std::string foreign_sample =
    R"(<svg><style><a id="</style><img src=1 onerror=alert(1)>"></a></style></svg>text)";
const std::string raw_sample =
    R"(<script><!--<script></script>--></script><textarea></b></textarea><select><option>x</select>)";
const std::string mutation_sample =
    R"(<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>)";
const std::string markdown_sample = R"(# Title

- a
  - b

> quote

| a | b |
|---|---|
| 1 | 2 |

[x](https://x.example "t") `c`)";
const std::string odd_markdown_sample = R"(![alt *x*](i.png) <b>raw</b> **bo*ld** &copy; \
line
break

    code
[r]: https://x.example
[r])";
const std::string plain_sample =
    "Åsa 会議。次回は九月です！ 😀👩‍👩‍👧🇸🇪 e\u0301 \u202Eabc\u202C. One. "
    "Another!\n\nNext";

}  // namespace

Subject subject() {
  return {.samples = {html_sample, table_sample, foreign_sample, raw_sample, mutation_sample, markdown_sample,
                      odd_markdown_sample, plain_sample},
          .words = {"<b>",
                    "</b>",
                    "<p>",
                    "</p>",
                    "<a href='https://x.example'>",
                    "</a>",
                    "<a href=javascript:x>",
                    "<div>",
                    "</div>",
                    "<table>",
                    "<tr>",
                    "<td>",
                    "</table>",
                    "<svg>",
                    "<math>",
                    "<template>",
                    "<style>",
                    "</style>",
                    "<!--",
                    "-->",
                    "<![CDATA[",
                    "]]>",
                    "<li>",
                    "<button>",
                    "<pre>",
                    "</pre>",
                    "<h2>",
                    "<br>",
                    "&lt;",
                    "&amp;",
                    "&#0;",
                    "&",
                    "<",
                    ">",
                    "\"",
                    "'",
                    "> ",
                    "- ",
                    "1. ",
                    "**",
                    "_",
                    "`",
                    "|",
                    "[",
                    "](",
                    ")",
                    "\n\n",
                    "\xFF",
                    "😀",
                    "\u0301"},
          .longest = 8192,
          .iterations = 30'000};
}

namespace {

// A reader of its own, so that it shares no fault with what it checks.
void require_safe(std::string_view html) {
  constexpr std::array<std::string_view, 22> names{
      "div", "p",  "h2", "h3",         "h4",    "b",     "strong", "i",  "em", "u",  "ul",
      "ol",  "li", "a",  "blockquote", "table", "thead", "tbody",  "tr", "th", "td", "span"};
  std::vector<std::string_view> open;
  while (!html.empty()) {
    const auto at = html.find('<');
    require(html.substr(0, at).find_first_of(">\"") == std::string_view::npos, "text is escaped");
    if (at == std::string_view::npos) break;
    const auto end = html.find('>', at);
    require(end != std::string_view::npos, "a tag ends");
    const auto tag = html.substr(at + 1, end - at - 1);
    html.remove_prefix(end + 1);
    if (tag == "br") continue;
    if (tag.starts_with('/')) {
      require(!open.empty() && open.back() == tag.substr(1), "what is closed was opened last");
      open.pop_back();
      continue;
    }
    const auto name = tag.substr(0, tag.find(' '));
    require(std::find(names.begin(), names.end(), name) != names.end(), "only allowed elements stand");
    if (name.size() < tag.size()) {
      const auto attribute = tag.substr(name.size());
      require(name == "a" && attribute.starts_with(" href=\"https://") && attribute.ends_with('"'),
              "only https links stand");
      require(std::count(attribute.begin(), attribute.end(), '"') == 2, "an attribute does not end early");
    }
    open.push_back(name);
  }
  require(open.empty(), "what was opened is closed");
}

// What is read without a parser is what a parser would have read.
void require_same_without_parser(std::string_view input) {
  const auto clean = render::cleaned(input);
  const auto simple = render::simple_html(clean);
  if (!simple) return;
  const auto parsed = render::parsed(clean);
  require(parsed && parsed->html == simple->html && parsed->notes == simple->notes, "a parser agrees");
}

}  // namespace

void try_with(std::string_view input) {
  require_same_without_parser(input);
  if (const auto html = render::markdown_to_html(render::cleaned(input))) require_same_without_parser(*html);
  for (const auto format : {TextFormat::Html, TextFormat::Markdown, TextFormat::Plain}) {
    const auto result = render::rendered(input, format);
    const std::string& html = result.html.str();
    require(valid_utf8(html), "what we write is UTF-8");
    require_safe(html);
    const std::size_t limit = input.size() % 300 + html.size() / 3;
    const auto shortened = render::cut(html, limit, "https://x.example/s");
    require(utf16_length(shortened) <= limit, "a cut text fits");
    require_safe(shortened);
    require(render::cut(shortened, limit, "https://x.example/s") == shortened,
            "cutting twice is cutting once");
  }
  const auto title = render::cut_text(render::one_line(input), 40);
  require(utf16_length(title) <= 40 && valid_utf8(title), "a title fits");
  require(title.find_first_of("\n\r\t") == std::string::npos, "a title is one line");
}

}  // namespace aftercall::fuzz
