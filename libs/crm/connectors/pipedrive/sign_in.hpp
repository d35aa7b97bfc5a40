#pragma once
#include "crm/sign_in.hpp"
#include "domain/failure.hpp"
#include "domain/tenant.hpp"
#include "http/message.hpp"

namespace aftercall::crm::pipedrive {

// An API token as it is, or, where the connection's setting sign_in is "oauth", a refresh token's exchange.
Result<TokenOrRequest> token_request(const Connection& connection, const Credentials& credentials);

// Checks, too, that the token is for this connection's company: whoever signs in may belong to several.
Result<Token> read_token(const Connection& connection, const Result<http::Response>& answer);

}  // namespace aftercall::crm::pipedrive
