#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "domain/failure.hpp"
#include "http/message.hpp"

// For connectors: what an answer that is no success means by HTTP alone. A vendor's codes and words come
// before it.
namespace aftercall::crm {

Cause cause_of_status(int status);

// By which the vendor's support finds our request: the first of these headers that holds what can be an id;
// else "".
std::string request_id_in(const http::Headers& headers, std::initializer_list<std::string_view> names);

}  // namespace aftercall::crm
