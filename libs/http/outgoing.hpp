#pragma once
#include "domain/failure.hpp"
#include "http/message.hpp"

// Of http/ alone: may this be written on a wire? What others say goes into header fields, and a line end in
// one would be a second field, or a second message. Pure.
namespace aftercall::http {

bool is_token(std::string_view text);        // RFC 9110 §5.6.2: methods and field names
bool is_field_value(std::string_view text);  // no control characters but tab
Result<void> check_outgoing(const Request& request);

}  // namespace aftercall::http
