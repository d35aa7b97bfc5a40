#include "sign_in.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "address.hpp"
#include "crm/json.hpp"
#include "http/url.hpp"

namespace aftercall::crm::pipedrive {
namespace {

// RFC 4648 §4.
std::string base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  std::string encoded;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const auto three = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    for (const auto shift : {18U, 12U, 6U, 0U}) encoded += digits[three >> shift & 63U];
  }
  const auto padding = (3 - text.size() % 3) % 3;
  encoded.replace(encoded.size() - padding, padding, padding, '=');
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
  const auto json = parse_json(answer->body);
  auto access = text_of(json, "access_token");
  const auto lasts = number_of(json, "expires_in");
  if (access.empty() || !lasts || *lasts <= 0)
    return fail(Cause::ServerError, "Pipedrive's sign-in sent an answer without a token");
  // A token travels in a header: what cannot stand there is none.
  if (std::any_of(access.begin(), access.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7f; }))
    return fail(Cause::ServerError, "Pipedrive's sign-in sent a token that cannot be one");
  const auto company = company_address(text_of(json, "api_domain"), connection);
  if (company.empty())
    return fail(Cause::ServerError, "Pipedrive's sign-in sent a token for no company's address");
  if (company != connection.url)
    return fail(Cause::SetupIncomplete, "the sign-in is for the company at " + company +
                                            ", and this connection for the one at " + connection.url);
  Token token;
  token.access = Secret(std::move(access));
  token.expires_in = std::chrono::seconds(std::min<std::int64_t>(*lasts, 86'400));
  if (auto refresh = text_of(json, "refresh_token"); !refresh.empty())
    token.refresh = Secret(std::move(refresh));
  return token;
}

}  // namespace aftercall::crm::pipedrive
