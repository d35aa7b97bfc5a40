#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/failure.hpp"
#include "http/message.hpp"

namespace aftercall::crm::dynamics365 {

// What Dataverse says beside the status. `code` is one number whether it came as 0x80040237 or as
// -2147220937; nothing when there was none ("" is one of its answers, and so is a gateway's HTML).
struct Refusal {
  std::optional<std::uint32_t> code;
  std::string message;
  bool own = false;  // in the form of Dataverse's own answers, which a gateway's or a proxy's are not
};
Refusal read_refusal(const http::Response& answer);

// The one table from status and code to a cause. Call it for what is no success.
Failure failure_of(const http::Response& answer);

inline bool succeeded(const http::Response& answer) { return answer.status >= 200 && answer.status < 300; }

// What claims to be a success and cannot be one: transient, as half an answer is.
inline tl::unexpected<Failure> senseless(const char* what) {
  return fail(Cause::ServerError, std::string("Dynamics 365 sent an answer without sense: ") + what);
}

// 412 that says "a row with this key is there", and not another of the reasons for a 412.
bool says_exists(const http::Response& answer);

}  // namespace aftercall::crm::dynamics365
