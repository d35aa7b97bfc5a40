#include "ingest/problem.hpp"

#include <algorithm>

#include "wire/json.hpp"

namespace aftercall::ingest {
namespace {

using std::chrono::seconds;
using wire::Json;

// RFC 9457 §4.2.1: a problem without a type page of its own bears the status's phrase (RFC 9110).
std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

Json errors_of(const wire::Wrongs& wrongs) {
  Json::Array errors;
  for (const auto& each : wrongs.all)
    errors.emplace_back(Json::Object{{"pointer", each.pointer}, {"rule", each.rule}});
  return errors;
}

}  // namespace

http::Response response_of(const Problem& problem) {
  Json::Object body{{"type", "about:blank"},
                    {"title", std::string(title_of(problem.status))},
                    {"status", problem.status},
                    {"code", std::string(problem.code)},
                    {"detail", problem.detail}};
  if (!problem.wrongs.empty()) body["errors"] = errors_of(problem.wrongs);
  if (problem.wrongs.left_out > 0) body["errors_left_out"] = problem.wrongs.left_out;
  http::Response response;
  response.status = problem.status;
  response.headers.add("Content-Type", "application/problem+json");
  if (problem.header) response.headers.add(problem.header->first, problem.header->second);
  if (problem.retry_after) response.headers.add("Retry-After", std::to_string(problem.retry_after->count()));
  response.body = canonical(body);
  return response;
}

namespace problem {

Problem no_such_page() {
  return {404, "not_found", "there is nothing at this path; /openapi.json says what there is"};
}

Problem method_not_allowed(std::string allowed) {
  Problem problem{405, "method_not_allowed", "this path takes " + allowed};
  problem.header.emplace("Allow", std::move(allowed));
  return problem;
}

Problem no_key() {
  Problem problem{401, "no_key", "send the source's API key: Authorization: Bearer <key>"};
  problem.header.emplace("WWW-Authenticate", R"(Bearer realm="aftercall")");
  return problem;
}

Problem unknown_key() {
  Problem problem{401, "unknown_key", "this API key is not known, or not valid any more"};
  problem.header.emplace("WWW-Authenticate", R"(Bearer realm="aftercall", error="invalid_token")");
  return problem;
}

Problem source_disabled() {
  return {403, "source_disabled", "this source is disabled; an administrator can enable it"};
}

Problem wrong_media_type() { return {415, "wrong_media_type", "send Content-Type: application/json"}; }

Problem encoded_body() { return {415, "encoded_body", "send the body without Content-Encoding"}; }

Problem not_json(wire::Wrong wrong) {
  Problem problem{400, "not_json", "the body is not JSON as this door reads it: errors says where and why"};
  problem.wrongs.add(std::move(wrong));
  return problem;
}

Problem wrong_fields(wire::Wrongs wrongs) {
  const bool all =
      std::all_of(wrongs.all.begin(), wrongs.all.end(), [](const auto& each) { return each.too_large; });
  Problem problem{422, "wrong_fields", "nothing was accepted: errors names each field that is wrong"};
  if (all) problem = {413, "too_large", "nothing was accepted: errors names what is too large"};
  problem.wrongs = std::move(wrongs);
  return problem;
}

Problem body_too_large(std::size_t limit) {
  return {413, "too_large", "a body may have at most " + std::to_string(limit) + " bytes"};
}

Problem too_many_bytes() {
  Problem problem{503, "too_many_bytes", "too much is being received at once; nothing was accepted"};
  problem.retry_after = seconds(1);
  return problem;
}

Problem tenant_waits_too_much() {
  Problem problem{429, "tenant_waits_too_much",
                  "too many requests of this tenant are waiting to be stored; nothing was accepted"};
  problem.retry_after = seconds(1);
  return problem;
}

Problem too_many_waiting() {
  Problem problem{503, "too_many_waiting",
                  "too many requests are waiting to be stored; nothing was accepted"};
  problem.retry_after = seconds(1);
  return problem;
}

Problem not_stored() {
  Problem problem{
      503, "not_stored",
      "it could not be confirmed in time that the sessions are stored; send them again: what was stored "
      "after all does no harm twice"};
  problem.retry_after = seconds(5);
  return problem;
}

Problem starting() {
  Problem problem{503, "starting", "the configuration has not been read yet; nothing was accepted"};
  problem.retry_after = seconds(1);
  return problem;
}

Problem tenant_unknown() {
  Problem problem{503, "tenant_unknown",
                  "the tenant of this source is not known here yet; nothing was accepted"};
  problem.retry_after = seconds(5);
  return problem;
}

}  // namespace problem

}  // namespace aftercall::ingest
