#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/beast/http.hpp>

#include "http/server.hpp"

// Of visit.cpp alone: Beast's messages as ours and ours as Beast's, and what is said to whom we did not
// understand. Pure.
namespace aftercall::http {

using VisitParser = boost::beast::http::request_parser<boost::beast::http::string_body>;
using VisitAnswer = boost::beast::http::response<boost::beast::http::string_body>;

// Of its head alone: fields behind a chunked body are nobody's, for they came after what was judged.
Request request_of(const VisitParser::value_type& head, std::string peer);
VisitAnswer answer_of(Response response, bool head, bool keep_alive);

Response plain(int status, std::string_view text);
Response plain_later(std::string_view text);  // 503, with Retry-After

boost::system::error_code no_room();  // a body beyond ServerSettings::bodies

// The answer to what could not be read as a request; none to who left or was too slow.
std::optional<Response> complaint_of(boost::system::error_code error, const ServerSettings& settings);

}  // namespace aftercall::http
