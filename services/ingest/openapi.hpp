#pragma once
#include <cstddef>
#include <string>

namespace aftercall::ingest {

// The OpenAPI 3.1 document of the door: the paths by hand, the schemas from the descriptor of Session.
std::string openapi(std::size_t body_limit);

}  // namespace aftercall::ingest
