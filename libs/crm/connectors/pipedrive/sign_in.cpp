#include "sign_in.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "address.hpp"
#include "crm/json.hpp"
#include "http/url.hpp"

namespace aftercall::crm::pipedrive {
namespace {

std::string base64(std::string_view text) {
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');  // EVP writes a NUL behind it
  const auto length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(length));
  return encoded;
}

// The page that lists the errors gives their texts, not their keys, so that a text is looked at, too.
bool says(const Json& json, std::string_view body, std::string_view error) {
  return text_of(json, "error") == error || (!json.is_object() && body.find(error) != std::string_view::npos);
}

Failure refused(const http::Response& answer) {
  const auto json = parse_json(answer.body);
  const std::string text = "Pipedrive's sign-in answered " + std::to_string(answer.status);
  const auto with = [&](Cause cause, std::string_view advice) {
    return Failure{cause, advice.empty() ? text : text + ": " + std::string(advice),
                   http::retry_after(answer.headers)};
  };
  if (answer.status == 429) return with(Cause::RateLimited, "");
  if (answer.status == 408) return with(Cause::Timeout, "");
  if (answer.status >= 500) return with(Cause::ServerError, "");
  if (says(json, answer.body, "invalid_grant") || text_of(json, "message").starts_with("Invalid grant"))
    return with(Cause::NotAuthorized,
                "the sign-in was revoked or has not been used for 60 days; connect again");
  if (says(json, answer.body, "invalid_client") || says(json, answer.body, "unauthorized_client"))
    return with(Cause::NoLease, "it does not know our application; check its client id and client secret");
  if (answer.status == 403) return with(Cause::ServerError, "it keeps us out for now");
  return with(Cause::SetupIncomplete, "check the app's registration");
}

// The company that a token is for, as an address of the form that connections have.
std::string company_address(const std::string& api_domain, const Connection& connection) {
  const auto ours = http::parse_url(connection.url);
  const AddressRules rules{ours && http::is_loopback(ours->host)};
  return canonical_url(api_domain, rules).value_or("");
}

// Commas, as it was seen, or spaces, as the RFC has it.
std::vector<std::string> scopes_in(const std::string& text) {
  std::vector<std::string> scopes(1);
  for (const char c : text) {
    if (c != ',' && c != ' ')
      scopes.back() += c;
    else if (!scopes.back().empty())
      scopes.emplace_back();
  }
  if (scopes.back().empty()) scopes.pop_back();
  return scopes;
}

// Without these no session leaves anything, though every look at a person succeeds. What is not told is taken
// to be there: the CRM's refusals tell it in the end.
std::optional<Failure> lacks_scope_for_notes(const std::string& told) {
  const auto scopes = scopes_in(told);
  const auto has = [&](std::string_view scope) {
    return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
  };
  const bool reads = has("contacts:full") || has("contacts:read");
  const bool writes = has("contacts:full") || has("deals:full");
  if (scopes.empty() || (reads && writes)) return std::nullopt;
  return Failure{Cause::SetupIncomplete,
                 "the sign-in lacks the scope contacts:full; add it to the app and let a user allow it anew"};
}

}  // namespace

Result<TokenOrRequest> token_request(const Connection& connection, const Credentials& credentials) {
  if (!signs_in_by_oauth(connection)) {
    const auto there = need({{"api_token", credentials.api_token && !credentials.api_token->empty()}});
    if (!there) return tl::unexpected(there.error());
    return lasting(*credentials.api_token);
  }
  const auto there =
      need({{"client_id", !credentials.client_id.empty()},
            {"client_secret", !credentials.client_secret.empty()},
            {"refresh_token", credentials.refresh_token && !credentials.refresh_token->empty()}});
  if (!there) return tl::unexpected(there.error());
  http::Request request;
  request.method = "POST";
  request.target = sign_in_url(connection) + "/oauth/token";
  const auto who = credentials.client_id + ":" + std::string(credentials.client_secret.reveal());
  request.headers = {{"Authorization", "Basic " + base64(who)},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.body =
      http::form({{"grant_type", "refresh_token"}, {"refresh_token", credentials.refresh_token->reveal()}});
  return request;
}

Result<Token> read_token(const Connection& connection, const Result<http::Response>& answer) {
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status != 200) return tl::unexpected(refused(*answer));
  auto token = token_in(answer->body, "Pipedrive");
  if (!token) return token;
  const auto json = parse_json(answer->body);
  const auto company = company_address(text_of(json, "api_domain"), connection);
  if (company.empty())
    token->useless = Failure{Cause::ServerError, "Pipedrive's sign-in sent a token for no company's address"};
  else if (company != connection.url)
    token->useless =
        Failure{Cause::SetupIncomplete, "the sign-in is for the company at " + company +
                                            ", and this connection for the one at " + connection.url};
  else
    token->useless = lacks_scope_for_notes(text_of(json, "scope"));
  return token;
}

}  // namespace aftercall::crm::pipedrive
