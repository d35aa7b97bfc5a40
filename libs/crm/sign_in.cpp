#include "crm/sign_in.hpp"

#include <algorithm>
#include <cstdint>

#include "crm/json.hpp"

namespace aftercall::crm {

Result<void> need(std::initializer_list<Needed> credentials) {
  std::string missing;
  for (const auto& each : credentials)
    if (!each.there) missing += (missing.empty() ? "" : ", ") + std::string(each.name);
  if (missing.empty()) return {};
  return fail(Cause::SetupIncomplete, "missing: " + missing);
}

Result<Token> token_in(std::string_view body, std::string_view whose) {
  constexpr std::int64_t a_day = 86'400;
  const auto wrong = [&](const char* what) {
    return fail(Cause::ServerError, std::string(whose) + "'s sign-in sent " + what);
  };
  const auto json = parse_json(body);
  auto access = text_of(json, "access_token");
  const auto lasts = number_of(json, "expires_in");
  if (access.empty() || !lasts || *lasts <= 0) return wrong("an answer without a token");
  // A token travels in a header: what cannot stand there is none.
  if (std::ranges::any_of(access, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; }))
    return wrong("a token that cannot be one");
  Token token;
  token.access = Secret(std::move(access));
  token.expires_in = std::chrono::seconds(std::min(*lasts, a_day));
  if (auto refresh = text_of(json, "refresh_token"); !refresh.empty())
    token.refresh = Secret(std::move(refresh));
  return token;
}

}  // namespace aftercall::crm
