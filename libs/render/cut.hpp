#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "domain/utf8.hpp"

namespace aftercall::render {

// HTML of ours (html.hpp) in at most `limit` UTF-16 units, or bytes, tags included. What is longer ends at an
// element, else at a sentence, and says that it was shortened, with a link to the whole if there is one.
// Cutting what was cut before leaves one such line, not two; cutting to the same limit again changes nothing.
std::string cut(std::string_view html, std::size_t limit, std::string_view link,
                Measure measure = Measure::Utf16);

}  // namespace aftercall::render
