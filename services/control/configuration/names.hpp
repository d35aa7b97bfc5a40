#pragma once
#include <string_view>

namespace aftercall::control {

// Ids stand in topic keys, URLs, metrics and logs: lower-case letters, digits, '-', '_' and '.', at most 63,
// beginning with a letter or digit.
bool is_id(std::string_view text);
bool is_domain(std::string_view text);  // lower case, at least two labels
bool is_region(std::string_view text);  // ISO 3166 alpha-2, upper case
bool is_api_key(
    std::string_view text);  // 20 to 256 printable characters without space: what a header can carry

}  // namespace aftercall::control
