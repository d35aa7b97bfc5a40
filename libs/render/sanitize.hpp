#pragma once
#include <optional>
#include <string_view>

#include "render/rendered.hpp"

namespace aftercall::render {

// What is on the allow-list stays, with no attribute but a link's https address; the text of everything else
// stays without its element, but for elements whose text is no text (script, style, …). Nothing: not bearable
// (guard.hpp), or deeper than anything that is meant to be read.
std::optional<Rendered> sanitized(std::string_view html);

// The same by a parser alone; `clean` as cleaned() gives it.
std::optional<Rendered> parsed(std::string_view clean);

}  // namespace aftercall::render
