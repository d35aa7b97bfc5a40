#pragma once
#include <cstdint>
#include <vector>

#include "domain/failure.hpp"
#include "http/message.hpp"
#include "operation.hpp"

// Whether anybody uses a person that we made: pure.
namespace aftercall::crm::pipedrive {

// The person, then what may hang on it; any one of the answers may say that it is in use.
std::vector<Operation> signs_of_use(std::int64_t person);
// Of an answer to one of them. A person who is gone is in nobody's use.
Result<bool> says_in_use(const http::Response& answer);

}  // namespace aftercall::crm::pipedrive
