#include "render/html.hpp"

#include <algorithm>

#include "render/text.hpp"

namespace aftercall::render {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

std::optional<Tag> tag_named(std::string_view name) {
  const auto* found =
      std::find_if(tags.begin(), tags.end(), [&](const TagForm& form) { return form.name == name; });
  if (found == tags.end()) return std::nullopt;
  return static_cast<Tag>(found - tags.begin());
}

Html Html::text(std::string_view text) {
  std::string out;
  append_escaped(out, cleaned(text));
  return Html(std::move(out));
}

Html Html::line_break() { return Html("<br>"); }

Html Html::element(Tag tag, const Html& inside) {
  const auto name = name_of(tag);
  std::string out;
  out.reserve(inside.html_.size() + 2 * name.size() + 5);
  out.append("<").append(name).append(">").append(inside.html_).append("</").append(name).append(">");
  return Html(std::move(out));
}

Html Html::link(std::string_view url, const Html& inside) {
  const auto safe = safe_link(url);
  if (!safe) return inside;
  std::string out = "<a href=\"";
  append_escaped(out, *safe);
  out.append("\">").append(inside.html_).append("</a>");
  return Html(std::move(out));
}

Html& Html::operator+=(const Html& more) {
  html_ += more.html_;
  return *this;
}

Html operator+(Html left, const Html& right) { return left += right; }

Html paragraphs(std::string_view text) {
  Html html;
  Html paragraph;
  const std::string clean = cleaned(text) + "\n\n";  // the blank line that ends the last paragraph
  for (std::string_view rest = clean; !rest.empty();) {
    const auto end = rest.find('\n');
    const auto line = trimmed(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    if (!line.empty()) {
      if (!paragraph.empty()) paragraph += Html::line_break();
      paragraph += Html::text(line);
    } else if (!paragraph.empty()) {
      html += Html::element(Tag::P, paragraph);
      paragraph = Html();
    }
  }
  return html;
}

Html preformatted(std::string_view text) {
  Html html;
  const std::string clean = cleaned(text);
  for (std::string_view rest = clean;;) {
    const auto end = rest.find('\n');
    html += Html::text(rest.substr(0, end));
    if (end == std::string_view::npos) return html;
    if (end + 1 < rest.size()) html += Html::line_break();
    rest.remove_prefix(end + 1);
  }
}

std::optional<std::string> safe_link(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  constexpr std::size_t longest = 2000;  // what browsers and CRMs agree on
  const std::string_view link = trimmed(url);
  if (link.size() <= scheme.size() || link.size() > longest) return std::nullopt;
  if (lower(link.substr(0, scheme.size())) != scheme) return std::nullopt;
  const std::string_view rest = link.substr(scheme.size());
  if (std::string_view("/?#@:").find(rest.front()) != std::string_view::npos) return std::nullopt;
  // https://your-bank.example@elsewhere.example leads elsewhere: whoever writes that wants it misread.
  if (rest.substr(0, rest.find_first_of("/?#")).find('@') != std::string_view::npos) return std::nullopt;
  // Blanks and control characters have no place in an address, and a backslash is a slash to some and not to
  // others.
  const auto stray = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '\\'; };
  if (std::any_of(rest.begin(), rest.end(), stray) || cleaned(rest) != rest) return std::nullopt;
  return std::string(scheme).append(rest);
}

}  // namespace aftercall::render
