#include "render/sanitize.hpp"

#include <gumbo.h>

#include <algorithm>
#include <array>
#include <memory_resource>
#include <string>
#include <utility>

#include "render/guard.hpp"
#include "render/simple_html.hpp"
#include "render/text.hpp"

namespace aftercall::render {
namespace {

constexpr std::array<std::pair<std::string_view, Tag>, 25> replaced_by{{
    {"h1", Tag::H2},       {"h5", Tag::H4},       {"h6", Tag::H4},          {"tfoot", Tag::Tbody},
    {"pre", Tag::Div},     {"section", Tag::Div}, {"article", Tag::Div},    {"header", Tag::Div},
    {"footer", Tag::Div},  {"main", Tag::Div},    {"aside", Tag::Div},      {"nav", Tag::Div},
    {"center", Tag::Div},  {"figure", Tag::Div},  {"figcaption", Tag::Div}, {"address", Tag::Div},
    {"details", Tag::Div}, {"summary", Tag::Div}, {"fieldset", Tag::Div},   {"legend", Tag::Div},
    {"dl", Tag::Div},      {"dt", Tag::Div},      {"dd", Tag::Div},         {"form", Tag::Div},
    {"caption", Tag::Div},
}};

// Their text is no text for a reader, or was never meant to be seen.
constexpr std::array<std::string_view, 19> dropped{
    "script", "style", "template", "noscript", "iframe", "object", "embed",  "applet", "svg",     "math",
    "title",  "head",  "noembed",  "noframes", "audio",  "video",  "canvas", "select", "colgroup"};

constexpr std::size_t first_block = 64UL * 1024;

constexpr std::string_view left_active = "scripts, styles or embedded content were left out";
constexpr std::string_view left_images = "images were left out";

std::string name_of(const GumboElement& element) {
  if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
  GumboStringPiece piece = element.original_tag;
  gumbo_tag_from_original_text(&piece);
  return {piece.data, piece.length};
}

std::optional<Tag> allowed(std::string_view name) {
  if (const auto tag = tag_named(name)) return tag;
  const auto* found = std::find_if(replaced_by.begin(), replaced_by.end(),
                                   [&](const auto& row) { return row.first == name; });
  if (found == replaced_by.end()) return std::nullopt;
  return found->second;
}

// Where the walk stands: some elements mean something else inside others.
struct Place {
  bool in_pre = false;
  bool in_link = false;
  bool in_paragraph = false;
  int depth = 0;
};

class Walk {
 public:
  Html children(const GumboVector& nodes, const Place& place) {
    Html html;
    too_deep = too_deep || place.depth > deepest;
    if (too_deep) return html;
    for (unsigned i = 0; i < nodes.length; ++i)
      html += node(*static_cast<const GumboNode*>(nodes.data[i]), place);
    return html;
  }

  std::vector<std::string> notes;
  bool too_deep = false;  // the walk stopped: what it made is not the whole

 private:
  // The guard counts what the text opens; a parser adds the rows and bodies that a table was written without.
  // Only short texts of an uncertain load can be deeper.
  static constexpr int deepest = 400;

  Html node(const GumboNode& node, const Place& place) {
    switch (node.type) {
      case GUMBO_NODE_TEXT:
      case GUMBO_NODE_WHITESPACE:
      case GUMBO_NODE_CDATA:
        return place.in_pre ? preformatted(node.v.text.text) : Html::text(node.v.text.text);
      case GUMBO_NODE_ELEMENT:
        return element(node.v.element, place);
      default:
        return {};  // comments, templates
    }
  }

  Html element(const GumboElement& element, Place place) {
    const std::string name = name_of(element);
    ++place.depth;
    if (is_dropped(element, name)) {
      if (name != "title" && name != "colgroup") say(notes, left_active);
      return {};
    }
    if (name == "img" || name == "picture") say(notes, left_images);
    place.in_pre = place.in_pre || name == "pre";
    const auto tag = allowed(name);
    if (!tag) return children(element.children, place);
    return kept_element(*tag, element, place);
  }

  static bool is_dropped(const GumboElement& element, std::string_view name) {
    return element.tag_namespace != GUMBO_NAMESPACE_HTML ||
           std::find(dropped.begin(), dropped.end(), name) != dropped.end();
  }

  Html kept_element(Tag tag, const GumboElement& element, Place place) {
    if (tag == Tag::Br) return Html::line_break();
    if (tag == Tag::A) return link(element, place);
    if (tag == Tag::Table) return table(element, place);
    // A paragraph cannot hold a block: whoever reads it again would end it there.
    const Tag kept = tag == Tag::P && (place.in_paragraph || holds_block(element.children)) ? Tag::Div : tag;
    place.in_paragraph = place.in_paragraph || kept == Tag::P;
    return Html::element(kept, children(element.children, place));
  }

  Html link(const GumboElement& element, Place place) {
    if (place.in_link) return children(element.children, place);
    place.in_link = true;
    Html inside = children(element.children, place);
    const auto* href = gumbo_get_attribute(&element.attributes, "href");
    if (href == nullptr) return inside;
    if (!safe_link(href->value)) say(notes, left_links);
    return inside.empty() ? inside : Html::link(href->value, inside);
  }

  // A caption stands before its table: in ours it has no place.
  Html table(const GumboElement& element, const Place& place) {
    Html before;
    Html rows;
    for (unsigned i = 0; i < element.children.length; ++i) {
      const auto& child = *static_cast<const GumboNode*>(element.children.data[i]);
      if (child.type != GUMBO_NODE_ELEMENT) continue;
      const bool part = child.v.element.tag == GUMBO_TAG_THEAD || child.v.element.tag == GUMBO_TAG_TBODY ||
                        child.v.element.tag == GUMBO_TAG_TFOOT || child.v.element.tag == GUMBO_TAG_TR;
      (part ? rows : before) += node(child, place);
    }
    return before + Html::element(Tag::Table, rows);
  }

  static bool holds_block(const GumboVector& nodes) {
    for (unsigned i = 0; i < nodes.length; ++i) {
      const auto& child = *static_cast<const GumboNode*>(nodes.data[i]);
      if (child.type != GUMBO_NODE_ELEMENT) continue;
      const auto tag = allowed(name_of(child.v.element));
      if ((tag && is_block(*tag)) || holds_block(child.v.element.children)) return true;
    }
    return false;
  }
};

}  // namespace

std::optional<Rendered> sanitized(std::string_view html) {
  const std::string clean = cleaned(html);
  if (auto simple = simple_html(clean)) return simple;
  return parsed(clean);
}

std::optional<Rendered> parsed(std::string_view clean) {
  if (!bearable(clean)) return std::nullopt;
  // Its nodes and buffers are many and small, and go together.
  std::pmr::monotonic_buffer_resource memory(first_block);
  GumboOptions options = kGumboDefaultOptions;
  options.userdata = &memory;
  options.allocator = [](void* from, std::size_t size) {
    return static_cast<std::pmr::memory_resource*>(from)->allocate(size);
  };
  options.deallocator = [](void*, void*) {};
  options.max_errors = 0;                    // nobody reads them
  options.fragment_context = GUMBO_TAG_DIV;  // what comes is part of a page, and a frameset stays no frameset
  const auto* const output = gumbo_parse_with_options(&options, clean.data(), clean.size());
  Walk walk;
  Html kept = walk.children(output->root->v.element.children, Place{});
  if (walk.too_deep) return std::nullopt;
  return Rendered{std::move(kept), std::move(walk.notes)};
}

}  // namespace aftercall::render
