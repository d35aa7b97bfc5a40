#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace aftercall {

std::string sha256_hex(std::string_view bytes);

// Several parts as one string from which the parts could be read again: each behind its length in four bytes,
// big-endian. Without the lengths ("ab", "c") and ("a", "bc") would have one hash.
std::string length_prefixed(std::initializer_list<std::string_view> parts);

}  // namespace aftercall
