#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace aftercall::render {

// CommonMark with tables, as HTML that still has to be sanitised; HTML in it is text. Nothing: it would
// become larger or deeper than an HTML parser may be given (80 KB of "> " become 1 MB of blockquotes); it
// stops there, not at the end.
std::optional<std::string> markdown_to_html(std::string_view text);

}  // namespace aftercall::render
