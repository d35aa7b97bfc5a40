#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "domain/session.hpp"
#include "render/html.hpp"

namespace aftercall::render {

// A text from outside as a CRM may show it, and what had to be done to it that its reader should know.
struct Rendered {
  Html html;
  std::vector<std::string> notes;  // distinct sentences without text of the session
};

void say(std::vector<std::string>& notes, std::string_view note);
inline constexpr std::string_view left_links = "links that are not https were left as text";

// Never fails: what is too large or too deep to be read as HTML is shown as plain text, and a note says so.
Rendered rendered(std::string_view text, TextFormat format);

Rendered rendered_plain(std::string_view text);
Rendered rendered_markdown(std::string_view text);
Rendered rendered_html(std::string_view text);

}  // namespace aftercall::render
