#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace aftercall::crm::pipedrive {

// The line by which we find a record of ours again: the API knows no keys of ours, and its sanitiser takes
// away comments and most attributes, but no visible text.
std::string with_reference(std::string_view html, std::string_view key);

// Whether it is the reference of a stored text. The sanitiser may have written the space as an entity.
bool bears_reference(std::string_view stored, std::string_view key);

// What a note may hold is counted in bytes of UTF-8: 100,000 by the documents. The reference stays below.
inline constexpr std::size_t most_note_bytes = 90'000;
// Of which the text may take so many.
inline constexpr std::size_t most_text_bytes = most_note_bytes - 100;

}  // namespace aftercall::crm::pipedrive
