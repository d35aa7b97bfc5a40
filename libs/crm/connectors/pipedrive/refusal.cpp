#include "refusal.hpp"

#include <algorithm>
#include <string_view>

#include "crm/http_refusal.hpp"

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
  bool own = false;      // in the form of Pipedrive's own answers
};

Refusal read_refusal(const http::Response& answer) {
  const auto json = parse_json(answer.body);
  const auto* const success = member(json, "success");
  const bool own = success != nullptr && success->is_boolean() && !success->get<bool>();
  return {text_of(json, "error"), text_of(json, "code"), number_of(json, "errorCode").has_value(), own};
}

bool too_long(const http::Response& answer, const Refusal& refusal) {
  return answer.status == 413 || (answer.status == 400 && contains(refusal.text, "too long"));
}

Cause cause_of(const http::Response& answer, const Refusal& refusal) {
  if (too_long(answer, refusal)) return Cause::TooLong;
  if (answer.status == 402) return Cause::SetupIncomplete;
  if (says_not_there(answer)) return Cause::NotFound;
  return shut_out(answer) ? Cause::RateLimited : cause_of_status(answer.status);
}

std::string why_forbidden(const http::Response& answer, const Refusal& refusal) {
  if (shut_out(answer)) return "its guard keeps us out for asking too often";
  if (refusal.code.starts_with("feature_capping")) return "the company's plan allows no more of these";
  if (lacks_scope(answer)) return "the token lacks a scope; grant it in the app's settings and connect again";
  return "the connection's user may not do this";
}

std::string why_not_there(const http::Response& answer) {
  if (says_not_there(answer))
    return "what it is about was deleted, merged into another, or is hidden from the connection's user";
  return "not in its own words, so that nothing is known of the record; check the company's address";
}

std::string advice(const http::Response& answer, const Refusal& refusal) {
  if (answer.status == 401) return "it does not accept the token";
  if (answer.status == 402) return "the company's account is not open, or lacks the plan that this needs";
  if (answer.status == 403) return why_forbidden(answer, refusal);
  if (answer.status == 404) return why_not_there(answer);
  if (answer.status == 405 || answer.status == 410 || answer.status == 415)
    return "it no longer takes this request as we make it";
  if (answer.status == 429 && answer.headers.find("x-daily-ratelimit-token-remaining") == "0")
    return "the company's daily budget of tokens is used up";
  if (answer.status >= 300 && answer.status < 400) return "a redirect, which is not followed";
  return "";
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
  if (const auto id = request_id_in(answer.headers, {"x-correlation-id"}); !id.empty())
    text += " [request " + id + "]";
  return Failure{cause_of(answer, refusal), text, http::retry_after(answer.headers)};
}

bool refused_for_certain(const http::Response& answer) {
  if (answer.status == 404) return read_refusal(answer).own;
  return answer.status >= 400 && answer.status < 500 && answer.status != 408;
}

bool says_not_there(const http::Response& answer) {
  if (answer.status != 404) return false;
  const auto refusal = read_refusal(answer);
  return refusal.own && !refusal.gateway;
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
