#pragma once
#include <string>
#include <string_view>

#include "domain/failure.hpp"

namespace aftercall::identity {

// Trimmed and with its ASCII letters in lower case, or why it cannot be the address of a person in a CRM
// (Malformed; the reason never repeats the address). Not RFC 5321: what a CRM can hold and real mail systems
// use.
Result<std::string> normalise_email(std::string_view text);

// Of a normalised address: "example.com".
std::string_view domain_of(std::string_view email);

}  // namespace aftercall::identity
