#include "render/markdown.hpp"

#include <md4c.h>

#include <array>

#include "render/guard.hpp"
#include "render/text.hpp"

namespace aftercall::render {
namespace {

// md4c tells what it meets; a callback that answers something else than 0 ends the parsing.
struct Writer {
  std::string html;
  std::size_t depth = 0;
  int image = 0;  // inside one, only its describing text counts

  bool refused = false;

  int go_on() {
    refused = refused || html.size() > largest_html || depth > heaviest.open;
    return refused ? 1 : 0;
  }

  int open(std::string_view tag) {
    ++depth;
    if (!tag.empty()) html.append("<").append(tag).append(">");
    return go_on();
  }
  int close(std::string_view tag) {
    --depth;
    if (!tag.empty()) html.append("</").append(tag).append(">");
    return go_on();
  }
  void escaped(std::string_view text) { append_escaped(html, text); }
};

Writer& writer(void* user) { return *static_cast<Writer*>(user); }

std::string_view tag_of(MD_BLOCKTYPE type, const void* detail) {
  switch (type) {
    case MD_BLOCK_QUOTE:
      return "blockquote";
    case MD_BLOCK_UL:
      return "ul";
    case MD_BLOCK_OL:
      return "ol";
    case MD_BLOCK_LI:
      return "li";
    case MD_BLOCK_H: {
      constexpr std::array<std::string_view, 6> names{"h1", "h2", "h3", "h4", "h5", "h6"};
      return names[(static_cast<const MD_BLOCK_H_DETAIL*>(detail)->level - 1) % names.size()];
    }
    case MD_BLOCK_CODE:
      return "pre";
    case MD_BLOCK_P:
      return "p";
    case MD_BLOCK_TABLE:
      return "table";
    case MD_BLOCK_THEAD:
      return "thead";
    case MD_BLOCK_TBODY:
      return "tbody";
    case MD_BLOCK_TR:
      return "tr";
    case MD_BLOCK_TH:
      return "th";
    case MD_BLOCK_TD:
      return "td";
    default:
      return "";  // the document, a rule, raw HTML (which there is none of)
  }
}

std::string_view tag_of(MD_SPANTYPE type) {
  if (type == MD_SPAN_EM) return "em";
  if (type == MD_SPAN_STRONG) return "strong";
  if (type == MD_SPAN_CODE) return "code";
  return "";
}

int enter_block(MD_BLOCKTYPE type, void* detail, void* user) {
  return writer(user).open(tag_of(type, detail));
}
int leave_block(MD_BLOCKTYPE type, void* detail, void* user) {
  return writer(user).close(tag_of(type, detail));
}

int enter_span(MD_SPANTYPE type, void* detail, void* user) {
  Writer& out = writer(user);
  if (type == MD_SPAN_IMG) ++out.image;
  if (type != MD_SPAN_A || out.image > 0) return out.open(out.image > 0 ? "" : tag_of(type));
  const auto& href = static_cast<const MD_SPAN_A_DETAIL*>(detail)->href;
  out.html += "<a href=\"";
  for (unsigned i = 0; href.substr_offsets[i] < href.size; ++i) {
    const std::string_view piece(href.text + href.substr_offsets[i],
                                 href.substr_offsets[i + 1] - href.substr_offsets[i]);
    if (href.substr_types[i] == MD_TEXT_ENTITY)
      out.html += piece;  // an HTML parser reads it next
    else
      out.escaped(piece);
  }
  out.html += "\">";
  return out.open("");
}

int leave_span(MD_SPANTYPE type, void* /*detail*/, void* user) {
  Writer& out = writer(user);
  const bool shown = out.image == 0;
  if (type == MD_SPAN_IMG) --out.image;
  if (type == MD_SPAN_A && shown) out.html += "</a>";
  return out.close(shown ? tag_of(type) : "");
}

int write_text(MD_TEXTTYPE type, const MD_CHAR* data, MD_SIZE size, void* user) {
  Writer& out = writer(user);
  if (type == MD_TEXT_BR)
    out.html += out.image > 0 ? " " : "<br>";
  else if (type == MD_TEXT_SOFTBR)
    out.html += "\n";
  else if (type == MD_TEXT_ENTITY)
    out.html.append(data, size);
  else
    out.escaped(std::string_view(data, size));
  return out.go_on();
}

}  // namespace

std::optional<std::string> markdown_to_html(std::string_view text) {
  if (text.size() > largest_html) return std::nullopt;
  Writer out;
  const MD_PARSER parser{0,           MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH,
                         enter_block, leave_block,
                         enter_span,  leave_span,
                         write_text,  nullptr,
                         nullptr};
  if (md_parse(text.data(), static_cast<MD_SIZE>(text.size()), &parser, &out) != 0 || out.refused)
    return std::nullopt;
  return std::move(out.html);
}

}  // namespace aftercall::render
