#include "http/outgoing.hpp"

#include <algorithm>

namespace aftercall::http {

bool is_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

Result<void> check_outgoing(const Request& request) {
  if (!is_token(request.method)) return fail(Cause::Rejected, "request whose method is no token");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return fail(Cause::Rejected, "request with a header whose name is no token");
    if (!is_field_value(value))
      return fail(Cause::Rejected, "request with a control character in header " + name);
    for (const auto* ours : {"Host", "Content-Length", "Transfer-Encoding", "Connection"})
      if (same_name(name, ours)) return fail(Cause::Rejected, "request that sets header " + name + " itself");
  }
  return {};
}

}  // namespace aftercall::http
