#include "render/simple_html.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "render/guard.hpp"
#include "render/text.hpp"

namespace aftercall::render {
namespace {

// What may stand in an element, as bits. An element that stood elsewhere would move, or end another, when
// it is parsed.
enum Place : unsigned { words = 1, span = 2, block = 4, item = 8, rows = 16, row = 32, cell = 64 };

struct Form {
  std::string_view name;
  Place is;
  unsigned holds;
  std::optional<Tag> kept;  // nothing: its content stays without it
};

constexpr unsigned line = words | span;
constexpr unsigned flow = words | span | block;
constexpr Form whole{"", block, flow, std::nullopt};
constexpr std::array<Form, 27> forms{{
    {"p", block, line, Tag::P},
    {"li", item, flow, Tag::Li},
    {"ul", block, item, Tag::Ul},
    {"strong", span, line, Tag::Strong},
    {"em", span, line, Tag::Em},
    {"a", span, line, Tag::A},
    {"code", span, line, std::nullopt},
    {"ol", block, item, Tag::Ol},
    {"h1", block, line, Tag::H2},
    {"h2", block, line, Tag::H2},
    {"h3", block, line, Tag::H3},
    {"h4", block, line, Tag::H4},
    {"h5", block, line, Tag::H4},
    {"h6", block, line, Tag::H4},
    {"blockquote", block, flow, Tag::Blockquote},
    {"pre", block, line, Tag::Div},
    {"div", block, flow, Tag::Div},
    {"b", span, line, Tag::B},
    {"i", span, line, Tag::I},
    {"u", span, line, Tag::U},
    {"span", span, line, Tag::Span},
    {"table", block, rows, Tag::Table},
    {"thead", rows, row, Tag::Thead},
    {"tbody", rows, row, Tag::Tbody},
    {"tr", row, cell, Tag::Tr},
    {"th", cell, line, Tag::Th},
    {"td", cell, line, Tag::Td},
}};

// Beyond these it is for guard.hpp to say whether a parser may have it.
constexpr std::size_t deepest = 32;
constexpr std::size_t most_tags = 5'000;

const Form* form_named(std::string_view name) {
  const auto* found =
      std::find_if(forms.begin(), forms.end(), [&](const Form& form) { return form.name == name; });
  return found == forms.end() ? nullptr : found;
}

struct Reference {
  std::string_view written;
  char means;
};
constexpr std::array<Reference, 4> references{
    {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}}};

std::optional<std::string> dereferenced(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (;;) {
    const auto next = std::min(text.find('&'), text.size());
    out.append(text, 0, next);
    text.remove_prefix(next);
    if (text.empty()) return out;
    const auto* found = std::find_if(references.begin(), references.end(),
                                     [&](const Reference& each) { return text.starts_with(each.written); });
    if (found == references.end()) return std::nullopt;
    out += found->means;
    text.remove_prefix(found->written.size());
  }
}

class Reader {
 public:
  explicit Reader(std::string_view html) : rest_(html) { open_.push_back({&whole, {}, {}}); }

  std::optional<Rendered> read() {
    while (!rest_.empty()) {
      const bool simple = rest_.front() != '<' ? text() : rest_.starts_with("</") ? end() : start();
      if (!simple) return std::nullopt;
    }
    if (open_.size() != 1) return std::nullopt;
    return Rendered{std::move(open_.front().inside), std::move(notes_)};
  }

 private:
  struct Open {
    const Form* form;
    Html inside;
    std::string href;
  };

  bool may_hold(Place what) const { return (open_.back().form->holds & what) != 0; }
  bool inside(std::string_view name) const {
    return std::any_of(open_.begin(), open_.end(), [&](const Open& each) { return each.form->name == name; });
  }

  bool text() {
    const auto end = std::min(rest_.find('<'), rest_.size());
    const auto text = dereferenced(rest_.substr(0, end));
    if (!text || !may_hold(words)) return false;
    rest_.remove_prefix(end);
    Open& top = open_.back();
    const bool laid_out = inside("pre");
    if (laid_out && text->starts_with('\n')) return false;  // a parser takes it away behind <pre>
    top.inside += laid_out ? preformatted(*text) : Html::text(*text);
    return true;
  }

  bool start() {
    const auto end = rest_.find('>');
    if (end == std::string_view::npos || ++tags_ > most_tags) return false;
    std::string_view name = rest_.substr(1, end - 1);
    if (name.starts_with("a ")) return link();
    rest_.remove_prefix(end + 1);
    if (name == "br") {
      open_.back().inside += Html::line_break();
      return may_hold(words);
    }
    return name != "a" && opened(name, "");
  }

  bool link() {
    constexpr std::string_view before = "<a href=\"";
    if (!rest_.starts_with(before) || inside("a")) return false;
    rest_.remove_prefix(before.size());
    const auto end = rest_.find('"');
    if (end == std::string_view::npos || !rest_.substr(end).starts_with("\">")) return false;
    auto href = dereferenced(rest_.substr(0, end));
    rest_.remove_prefix(end + 2);
    return href && opened("a", std::move(*href));
  }

  bool opened(std::string_view name, std::string href) {
    const Form* form = form_named(name);
    if (form == nullptr || !may_hold(form->is) || open_.size() > deepest) return false;
    open_.push_back({form, {}, std::move(href)});
    return true;
  }

  bool end() {
    const auto end = rest_.find('>');
    if (end == std::string_view::npos || ++tags_ > most_tags || open_.size() == 1) return false;
    Open top = std::move(open_.back());
    if (rest_.substr(2, end - 2) != top.form->name) return false;
    rest_.remove_prefix(end + 1);
    open_.pop_back();
    open_.back().inside += closed(std::move(top));
    return true;
  }

  Html closed(Open top) {
    if (!top.form->kept) return std::move(top.inside);
    if (*top.form->kept != Tag::A) return Html::element(*top.form->kept, top.inside);
    if (!safe_link(top.href)) say(notes_, left_links);
    return top.inside.empty() ? Html() : Html::link(top.href, top.inside);
  }

  std::string_view rest_;
  std::size_t tags_ = 0;
  std::vector<Open> open_;
  std::vector<std::string> notes_;
};

}  // namespace

std::optional<Rendered> simple_html(std::string_view clean) {
  if (clean.size() > largest_html) return std::nullopt;
  return Reader(clean).read();
}

}  // namespace aftercall::render
