#pragma once
#include <string>

#include "crm/json.hpp"
#include "domain/failure.hpp"
#include "http/message.hpp"

namespace aftercall::crm::pipedrive {

// An answer's JSON when it is a success: a 2xx that says so itself. Which 2xx differs between calls.
Result<Json> read_success(const http::Response& answer);

// The one table from status and body to a cause. Call it for what is no success. How long to rest after 429
// is not told here: pace.hpp knows what came before.
Failure failure_of(const http::Response& answer);

// Of an answer to a create: whether nothing can have been created. Everything else that is no success leaves
// it in doubt: there is no key of ours that would keep a second try from making a second record.
bool refused_for_certain(const http::Response& answer);

// That what a request names is not there, or not for the connection's user, in the application's own words:
// a gateway's, a proxy's or a moved host's 404 says nothing of it.
bool says_not_there(const http::Response& answer);

// The gateway's word that the token lacks a scope, in contrast to a right or to a record that its user may
// not see.
bool lacks_scope(const http::Response& answer);

// A page by which Cloudflare keeps out who went on after many 429s.
bool shut_out(const http::Response& answer);

// What claims to be a success and cannot be one: transient, as half an answer is.
inline tl::unexpected<Failure> senseless(const char* what) {
  return fail(Cause::ServerError, std::string("Pipedrive sent an answer without sense: ") + what);
}

}  // namespace aftercall::crm::pipedrive
