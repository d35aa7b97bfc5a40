#pragma once
#include <memory>

#include "crm/connector.hpp"

namespace aftercall::crm::pipedrive {

// Sends, and nothing else: request.hpp says what, answer.hpp what came of it, pace.hpp how fast.
std::unique_ptr<Connector> make(const Connection& connection, TokenSource token, http::Client& client);

}  // namespace aftercall::crm::pipedrive
