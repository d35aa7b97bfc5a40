#pragma once
#include <optional>
#include <string_view>

#include "render/rendered.hpp"

namespace aftercall::render {

// HTML that every parser reads alike: elements of a short list, each where HTML wants it and closed by its
// own end tag, no attribute but a link's href, no character references but &amp; &lt; &gt; &quot;. Nearly all
// that Markdown becomes is such HTML. Read by itself it costs a tenth of what a parser takes, and gives the
// same as parsed() (sanitize.hpp). Nothing: anything less simple. `clean` as cleaned() (text.hpp) gives it.
std::optional<Rendered> simple_html(std::string_view clean);

}  // namespace aftercall::render
