#include "multipart.hpp"

#include <cctype>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

namespace aftercall::crm::dynamics365 {
namespace {

constexpr std::size_t most_parts = 1'000;  // the vendor's own bound
constexpr std::size_t most_headers = 100;

tl::unexpected<Failure> malformed(const char* what) {
  return fail(Cause::Malformed, std::string("a batch's answer cannot be read: ") + what);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// RFC 2046 §5.1.1: one to seventy characters.
std::optional<std::string> boundary_of(std::string_view content_type) {
  std::optional<std::string> found;
  std::size_t at = content_type.find(';');
  if (lower(trimmed(content_type.substr(0, at))) != "multipart/mixed") return std::nullopt;
  while (at != std::string_view::npos) {
    const auto end = content_type.find(';', at + 1);
    const auto field =
        trimmed(content_type.substr(at + 1, end == std::string_view::npos ? end : end - at - 1));
    at = end;
    if (!lower(field).starts_with("boundary=")) continue;
    auto value = field.substr(9);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (value.empty() || value.size() > 70 || value.find_first_of("\"\r\n ") != std::string_view::npos)
      return std::nullopt;
    found = std::string(value);
  }
  return found;
}

// Takes a line off the front, without its CRLF; a bare LF ends one, too, as some gateways rewrite line ends.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool take_headers(std::string_view& text, http::Headers& headers) {
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.empty()) return true;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || headers.size() == most_headers) return false;
    headers.add(std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1))));
  }
  return true;  // nothing after the headers, not even the blank line
}

// HTTP/1.1 204 No Content
std::optional<int> status_of(std::string_view line) {
  if (!line.starts_with("HTTP/1.")) return std::nullopt;
  const auto space = line.find(' ');
  if (space == std::string_view::npos || line.size() < space + 4) return std::nullopt;
  int status = 0;
  const auto* const start = line.data() + space + 1;
  const auto [end, error] = std::from_chars(start, start + 3, status);
  if (error != std::errc() || end != start + 3 || status < 100 || status > 599) return std::nullopt;
  if (line.size() > space + 4 && line[space + 4] != ' ') return std::nullopt;
  return status;
}

Result<http::Response> read_part(std::string_view text) {
  http::Headers outer;
  if (!take_headers(text, outer)) return malformed("a part's headers");
  if (http::media_type(outer) != "application/http") return malformed("a part that is no HTTP response");
  const auto status = status_of(take_line(text));
  if (!status) return malformed("a part's status line");
  http::Response response;
  response.status = *status;
  if (!take_headers(text, response.headers)) return malformed("an answer's headers");
  response.body = std::string(text);
  return response;
}

// The length of the delimiter line that may start here: "--boundary", its spaces and the line's end.
struct Delimiter {
  std::size_t length = 0;
  bool closing = false;
};
std::optional<Delimiter> delimiter_at(std::string_view text, std::string_view boundary) {
  if (!text.starts_with("--") || !text.substr(2).starts_with(boundary)) return std::nullopt;
  auto rest = text.substr(2 + boundary.size());
  Delimiter delimiter;
  if (rest.starts_with("--")) {
    delimiter.closing = true;
    rest.remove_prefix(2);
  }
  const auto line = take_line(rest);
  if (!trimmed(line).empty()) return std::nullopt;
  delimiter.length = text.size() - rest.size();
  return delimiter;
}

std::string_view without_line_end(std::string_view part) {
  if (part.ends_with('\n')) part.remove_suffix(1);
  if (part.ends_with('\r')) part.remove_suffix(1);
  return part;
}

// The parts' texts between their delimiters; nothing when the closing one is missing.
std::optional<std::vector<std::string_view>> parts_of(std::string_view body, const std::string& boundary) {
  std::vector<std::string_view> parts;
  std::optional<std::size_t> part;  // where the part in hand begins; nothing before the first delimiter
  for (std::size_t line = 0; line < body.size();) {
    const auto delimiter = delimiter_at(body.substr(line), boundary);
    if (!delimiter) {
      const auto end = body.find('\n', line);
      line = end == std::string_view::npos ? body.size() : end + 1;
      continue;
    }
    if (part) parts.push_back(without_line_end(body.substr(*part, line - *part)));
    if (delimiter->closing) return parts;
    part = line += delimiter->length;
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<http::Response>> read_multipart(std::string_view content_type, std::string_view body) {
  const auto boundary = boundary_of(content_type);
  if (!boundary) return malformed("no boundary");
  const auto parts = parts_of(body, *boundary);
  if (!parts) return malformed("its end is missing");
  if (parts->size() > most_parts) return malformed("more parts than a batch may have");
  std::vector<http::Response> responses;
  for (const auto part : *parts) {
    auto response = read_part(part);
    if (!response) return tl::unexpected(response.error());
    responses.push_back(std::move(*response));
  }
  return responses;
}

}  // namespace aftercall::crm::dynamics365
