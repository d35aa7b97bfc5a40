#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "render/tag.hpp"

namespace aftercall::render {

// A piece of HTML that a CRM may show: well formed, of allowed elements alone, every text escaped. It can
// only be built, so a value of this type needs no second look.
class Html {
 public:
  Html() = default;
  static Html text(std::string_view text);  // cleaned and escaped
  static Html line_break();
  static Html element(Tag tag, const Html& inside);
  // Only to https; to anything else it is the text alone.
  static Html link(std::string_view url, const Html& inside);

  Html& operator+=(const Html& more);
  const std::string& str() const { return html_; }
  bool empty() const { return html_.empty(); }
  bool operator==(const Html&) const = default;

 private:
  explicit Html(std::string html) : html_(std::move(html)) {}
  std::string html_;
};
Html operator+(Html left, const Html& right);

// Text as paragraphs (after blank lines) and line breaks.
Html paragraphs(std::string_view text);

// Text whose line ends say how it is laid out: each but a last one is a line break.
Html preformatted(std::string_view text);

// The address of a link as we write it, or nothing: https, a host, no blanks or control characters, at most
// 2,000 bytes.
std::optional<std::string> safe_link(std::string_view url);

}  // namespace aftercall::render
