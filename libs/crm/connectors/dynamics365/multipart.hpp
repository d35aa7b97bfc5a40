#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "domain/failure.hpp"
#include "http/message.hpp"

namespace aftercall::crm::dynamics365 {

// The answers in a batch's answer, in order. Malformed for whatever does not read as multipart/mixed with one
// HTTP response a part; nothing is guessed, for answers are told apart by their place alone.
Result<std::vector<http::Response>> read_multipart(std::string_view content_type, std::string_view body);

}  // namespace aftercall::crm::dynamics365
