#include "sign_in.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "address.hpp"
#include "crm/json.hpp"
#include "http/url.hpp"
#include "refusal.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

struct ByNumber {
  int aadsts;
  Cause cause;
  std::string_view advice;
};
constexpr std::array<ByNumber, 21> numbers{{
    {7000215, Cause::SetupIncomplete, "the client secret is wrong; its value is wanted, not its id"},
    {7000222, Cause::SetupIncomplete, "the client secret has expired; make a new one"},
    {700016, Cause::SetupIncomplete, "the application is not known in this Entra tenant"},
    {700011, Cause::SetupIncomplete, "the application is not known in this Entra tenant"},
    {70001, Cause::SetupIncomplete, "the application is not known or disabled"},
    {500011, Cause::SetupIncomplete, "this Entra tenant does not know the organisation's address"},
    {650057, Cause::SetupIncomplete, "the application asks for a resource that it may not use"},
    {50001, Cause::SetupIncomplete, "this Entra tenant does not know the organisation's address"},
    {90002, Cause::SetupIncomplete, "there is no such Entra tenant"},
    {65001, Cause::NotAuthorized, "nobody has consented to this application; an admin must"},
    {50173, Cause::NotAuthorized, "the sign-in was revoked; connect again"},
    {700082, Cause::NotAuthorized, "the sign-in has expired through inactivity; connect again"},
    {50057, Cause::NotAuthorized, "the user is disabled; connect as another"},
    {50196, Cause::RateLimited, "Microsoft takes us for a loop; nothing is asked for five minutes"},
    {90033, Cause::ServerError, "Microsoft's sign-in is having a problem"},
    {50087, Cause::ServerError, "Microsoft's sign-in is having a problem"},
    {50033, Cause::ServerError, "Microsoft's sign-in is having a problem"},
    {90006, Cause::ServerError, "Microsoft's sign-in is having a problem"},
    {90012, Cause::ServerError, "Microsoft's sign-in is having a problem"},
    {90024, Cause::ServerError, "Microsoft's sign-in is having a problem"},
    {40010, Cause::ServerError, "Microsoft's sign-in is having a problem"},
}};

struct ByError {
  std::string_view error;
  Cause cause;
  std::string_view advice;
};
constexpr std::array<ByError, 9> errors{{
    {"invalid_grant", Cause::NotAuthorized, "connect again"},
    {"interaction_required", Cause::NotAuthorized, "a person must sign in again"},
    {"consent_required", Cause::NotAuthorized, "an admin must consent"},
    {"invalid_client", Cause::SetupIncomplete, "check the client id and the client secret"},
    {"unauthorized_client", Cause::SetupIncomplete, "check the application's registration"},
    {"invalid_resource", Cause::SetupIncomplete, "check the organisation's address and the Entra tenant"},
    {"invalid_request", Cause::SetupIncomplete, "check the Entra tenant and the application"},
    {"temporarily_unavailable", Cause::ServerError, ""},
    {"server_error", Cause::ServerError, ""},
}};

// The description repeats ids and times, so only the number is told.
int aadsts_of(const Json& json) {
  if (const auto* const codes = member(json, "error_codes"); codes != nullptr && codes->is_array())
    for (const auto& code : *codes)
      if (code.is_number_integer()) return static_cast<int>(code.get<std::int64_t>());
  return 0;
}

Failure refused(const http::Response& answer) {
  const auto json = parse_json(answer.body);
  const auto error = text_of(json, "error");
  const int number = aadsts_of(json);
  auto cause = answer.status >= 500 ? Cause::ServerError : Cause::SetupIncomplete;
  if (answer.status == 408) cause = Cause::Timeout;
  std::string_view advice;
  const auto* const by_error =
      std::find_if(errors.begin(), errors.end(), [&](const ByError& row) { return row.error == error; });
  if (by_error != errors.end()) std::tie(cause, advice) = std::tie(by_error->cause, by_error->advice);
  const auto* const by_number =
      std::find_if(numbers.begin(), numbers.end(), [&](const ByNumber& row) { return row.aadsts == number; });
  if (by_number != numbers.end()) std::tie(cause, advice) = std::tie(by_number->cause, by_number->advice);
  auto rest = http::retry_after(answer.headers);
  if (answer.status == 429) cause = Cause::RateLimited;
  if (number == 50196) rest = std::chrono::minutes(5);
  std::string detail = "Microsoft's sign-in answered " + std::to_string(answer.status);
  if (by_error != errors.end()) detail += " " + error;
  if (number != 0) detail += " (AADSTS" + std::to_string(number) + ")";
  if (!advice.empty()) detail += ": " + std::string(advice);
  return Failure{cause, detail, rest};
}

}  // namespace

Result<TokenOrRequest> token_request(const Connection& connection, const Credentials& credentials) {
  const bool by_person = signs_in_by_person(connection);
  const auto there = need({{"client_id", !credentials.client_id.empty()},
                           {"client_secret", !credentials.client_secret.empty()},
                           {"refresh_token", !by_person || credentials.refresh_token.has_value()}});
  if (!there) return tl::unexpected(there.error());
  const auto tenant = connection.settings.find("sign_in_tenant");
  http::Request request;
  request.method = "POST";
  request.target = sign_in_url(connection) + "/" +
                   http::percent_encode(tenant == connection.settings.end() ? "" : tenant->second) +
                   "/oauth2/v2.0/token";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  if (by_person)
    request.body = http::form({{"grant_type", "refresh_token"},
                               {"client_id", credentials.client_id},
                               {"client_secret", credentials.client_secret.reveal()},
                               {"refresh_token", credentials.refresh_token->reveal()},
                               {"scope", connection.url + "/.default offline_access"}});
  else
    request.body = http::form({{"grant_type", "client_credentials"},
                               {"client_id", credentials.client_id},
                               {"client_secret", credentials.client_secret.reveal()},
                               {"scope", connection.url + "/.default"}});
  return request;
}

Result<Token> read_token(const Connection&, const Result<http::Response>& answer) {
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status != 200) return tl::unexpected(refused(*answer));
  return token_in(answer->body, "Microsoft");
}

}  // namespace aftercall::crm::dynamics365
