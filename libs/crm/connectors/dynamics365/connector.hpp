#pragma once
#include <memory>

#include "crm/connector.hpp"

namespace aftercall::crm::dynamics365 {

// Sends, and nothing else: request.hpp says what, answer.hpp what came of it.
std::unique_ptr<Connector> make(const Connection& connection, TokenSource token, http::Client& client);

}  // namespace aftercall::crm::dynamics365
