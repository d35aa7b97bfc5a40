#include "crm/http_refusal.hpp"

#include <algorithm>
#include <cstddef>

namespace aftercall::crm {

Cause cause_of_status(int status) {
  switch (status) {
    case 401:
      return Cause::NotAuthorized;
    case 403:
      return Cause::NotPermitted;
    case 404:  // anything on the way says that, too; that a record is gone only the vendor's own words tell
      return Cause::ServerError;
    case 408:
      return Cause::Timeout;
    case 429:
      return Cause::RateLimited;
    default:
      break;
  }
  if (status >= 500) return Cause::ServerError;
  if (status >= 400) return Cause::Rejected;
  // A redirect is not followed: the address is another by now. Any other status is no answer at all.
  return status >= 300 ? Cause::SetupIncomplete : Cause::ServerError;
}

std::string request_id_in(const http::Headers& headers, std::initializer_list<std::string_view> names) {
  constexpr std::size_t longest = 64;
  for (const auto name : names) {
    const auto id = headers.find(name);
    const bool plain = id && !id->empty() && id->size() <= longest &&
                       std::ranges::all_of(*id, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
    if (plain) return std::string(*id);
  }
  return "";
}

}  // namespace aftercall::crm
