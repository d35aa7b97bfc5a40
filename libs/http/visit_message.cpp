#include "http/visit_message.hpp"

#include "http/outgoing.hpp"

namespace aftercall::http {
namespace {

namespace bhttp = boost::beast::http;

bool is_framing(std::string_view name) {
  return same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding") ||
         same_name(name, "Connection");
}

}  // namespace

Request request_of(const VisitParser::value_type& head, std::string peer) {
  Request request;
  request.method = std::string(head.method_string());
  request.target = std::string(head.target());
  for (const auto& field : head)
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  request.peer = std::move(peer);
  return request;
}

VisitAnswer answer_of(Response response, bool head, bool keep_alive) {
  VisitAnswer answer;
  answer.version(11);
  answer.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers)
    if (is_token(name) && is_field_value(value) && !is_framing(name)) answer.insert(name, value);
  answer.keep_alive(keep_alive);
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) answer.content_length(response.body.size());
  if (!bodiless && !head) answer.body() = std::move(response.body);
  return answer;
}

Response plain(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string(text) + "\n";
  return response;
}

Response plain_later(std::string_view text) {
  Response response = plain(503, text);
  response.headers.add("Retry-After", "1");
  return response;
}

boost::system::error_code no_room() { return make_error_code(boost::system::errc::no_buffer_space); }

std::optional<Response> complaint_of(boost::system::error_code error, const ServerSettings& settings) {
  if (error == bhttp::error::body_limit)
    return settings.too_large ? settings.too_large() : plain(413, "body too large");
  if (error == no_room())
    return settings.no_room ? settings.no_room() : plain_later("too much is being received");
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow)
    return plain(431, "header too large");
  if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message ||
      error.category() != bhttp::make_error_code(bhttp::error::bad_value).category())
    return std::nullopt;
  return plain(400, "not a valid HTTP/1.1 request");
}

}  // namespace aftercall::http
