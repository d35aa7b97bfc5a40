#include "render/rendered.hpp"

#include <algorithm>

#include "domain/utf8.hpp"
#include "render/markdown.hpp"
#include "render/sanitize.hpp"
#include "render/text.hpp"

namespace aftercall::render {
namespace {

constexpr std::string_view too_heavy = "too large or too deeply nested to be formatted: shown as plain text";
constexpr std::string_view replaced = "bytes that are no UTF-8 were replaced";

// What stands between < and > is taken out, so that a person can read the rest.
std::string without_tags(std::string_view html) {
  std::string text;
  while (!html.empty()) {
    const auto open = html.find('<');
    text += html.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = html.find('>', open);
    text += ' ';
    if (close == std::string_view::npos) break;
    html.remove_prefix(close + 1);
  }
  return text;
}

Rendered heavy(std::string_view text) { return {paragraphs(text), {std::string(too_heavy)}}; }

}  // namespace

void say(std::vector<std::string>& notes, std::string_view note) {
  if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.emplace_back(note);
}

Rendered rendered_plain(std::string_view text) { return {paragraphs(text), {}}; }

Rendered rendered_html(std::string_view text) {
  if (auto kept = sanitized(text)) return std::move(*kept);
  return heavy(without_tags(text));
}

Rendered rendered_markdown(std::string_view text) {
  const auto html = markdown_to_html(cleaned(text));
  if (!html) return heavy(text);
  if (auto kept = sanitized(*html)) return std::move(*kept);
  return heavy(text);
}

Rendered rendered(std::string_view text, TextFormat format) {
  const auto by_format = [&] {
    switch (format) {
      case TextFormat::Markdown:
        return rendered_markdown(text);
      case TextFormat::Html:
        return rendered_html(text);
      case TextFormat::Plain:
        break;
    }
    return rendered_plain(text);
  };
  Rendered result = by_format();
  if (!valid_utf8(text)) result.notes.emplace_back(replaced);
  return result;
}

}  // namespace aftercall::render
