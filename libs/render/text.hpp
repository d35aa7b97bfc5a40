#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace aftercall::render {

// Text from outside as any CRM takes it: broken UTF-8 replaced, line ends as \n, control characters but tab
// and \n taken out (some CRMs refuse a whole record for one of them). Everything else stays, right-to-left
// marks included.
std::string cleaned(std::string_view text);

// Cleaned, on one line, with single blanks: for titles and names.
std::string one_line(std::string_view text);

// For HTML. The apostrophe needs no escape: our attributes stand in double quotes.
void append_escaped(std::string& out, std::string_view text);

// Whether nothing would be left of it on one line.
bool blank(std::string_view text);

// At most `limit` UTF-16 units; what is longer ends in "…", at a word's end if one is near, never inside a
// character or between a character and the marks that belong to it.
std::string cut_text(std::string_view text, std::size_t limit);

// Whether `value` belongs to the character before it: a combining mark, a variation, a skin tone, a joiner.
bool extends_character(char32_t value);

}  // namespace aftercall::render
