#include "refusal.hpp"

#include <algorithm>
#include <string_view>

namespace aftercall::crm::pipedrive {
namespace {

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

struct Refusal {
  std::string
      text;  // as the vendor words it; may change any day and may repeat what we sent, so it is never told
  std::string code;
  bool gateway = false;  // said before the request reached the application
};

Refusal read_refusal(const http::Response& answer) {
  const auto json = parse_json(answer.body);
  return {text_of(json, "error"), text_of(json, "code"), number_of(json, "errorCode").has_value()};
}

bool too_long(const http::Response& answer, const Refusal& refusal) {
  return answer.status == 413 || (answer.status == 400 && contains(refusal.text, "too long"));
}

Cause cause_of(const http::Response& answer, const Refusal& refusal) {
  if (too_long(answer, refusal)) return Cause::TooLong;
  switch (answer.status) {
    case 401:
      return Cause::NotAuthorized;
    case 402:
      return Cause::SetupIncomplete;
    case 403:
      return shut_out(answer) ? Cause::RateLimited : Cause::NotPermitted;
    case 404:
    case 410:
      return Cause::NotFound;
    case 408:
      return Cause::Timeout;
    case 429:
      return Cause::RateLimited;
    default:
      break;
  }
  if (answer.status >= 500) return Cause::ServerError;
  if (answer.status >= 400) return Cause::Rejected;
  return answer.status >= 300 ? Cause::SetupIncomplete : Cause::ServerError;
}

std::string advice(const http::Response& answer, const Refusal& refusal) {
  if (answer.status == 401) return "it does not accept the token";
  if (answer.status == 402) return "the company's account is not open, or lacks the plan that this needs";
  if (answer.status == 403 && shut_out(answer)) return "its guard keeps us out for asking too often";
  if (answer.status == 403 && refusal.code.starts_with("feature_capping"))
    return "the company's plan allows no more of these";
  if (lacks_scope(answer)) return "the token lacks a scope; grant it in the app's settings and connect again";
  if (answer.status == 403) return "the connection's user may not do this";
  if (answer.status == 405 || answer.status == 415) return "it no longer takes this request as we make it";
  if (answer.status >= 300 && answer.status < 400) return "a redirect, which is not followed";
  return "";
}

// By which the vendor's support finds our request.
std::string correlation_id(const http::Headers& headers) {
  const auto id = headers.find("x-correlation-id");
  const bool plain = id && id->size() <= 64 && std::all_of(id->begin(), id->end(), [](unsigned char c) {
                       return c > 0x20 && c < 0x7f;
                     });
  return plain ? std::string(*id) : "";
}

// A code is a word of the vendor's; anything else in its place is not told.
bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

}  // namespace

Result<Json> read_success(const http::Response& answer) {
  if (answer.status < 200 || answer.status >= 300) return tl::unexpected(failure_of(answer));
  auto json = parse_json(answer.body);
  const auto* const success = member(json, "success");
  if (success == nullptr || !success->is_boolean() || !success->get<bool>())
    return senseless("a success that does not say so");
  return json;
}

Failure failure_of(const http::Response& answer) {
  const auto refusal = read_refusal(answer);
  std::string text = "Pipedrive answered " + std::to_string(answer.status);
  if (is_code(refusal.code)) text += " (" + refusal.code + ")";
  if (const auto what = advice(answer, refusal); !what.empty()) text += ": " + what;
  if (const auto id = correlation_id(answer.headers); !id.empty()) text += " [request " + id + "]";
  return Failure{cause_of(answer, refusal), text, http::retry_after(answer.headers)};
}

bool refused_for_certain(const http::Response& answer) {
  return answer.status >= 400 && answer.status < 500 && answer.status != 408;
}

bool lacks_scope(const http::Response& answer) {
  if (answer.status != 403) return false;
  const auto refusal = read_refusal(answer);
  return refusal.gateway || contains(refusal.text, "scope");
}

bool shut_out(const http::Response& answer) {
  return answer.status == 403 && !parse_json(answer.body).is_object() &&
         (http::media_type(answer.headers) == "text/html" || contains(answer.body, "cloudflare"));
}

}  // namespace aftercall::crm::pipedrive
