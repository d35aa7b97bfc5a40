#pragma once
#include "crm/sign_in.hpp"
#include "domain/failure.hpp"
#include "domain/tenant.hpp"
#include "http/message.hpp"

namespace aftercall::crm::dynamics365 {

// Client credentials, or a refresh token where the connection's setting sign_in is "oauth".
Result<TokenOrRequest> token_request(const Connection& connection, const Credentials& credentials);

// Branches on `error`; the AADSTS number only refines, for Microsoft changes it.
Result<Token> read_token(const Connection& connection, const Result<http::Response>& answer);

}  // namespace aftercall::crm::dynamics365
