#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "domain/spent.hpp"

namespace aftercall {

// What a failure means for the unit that met it. The kind follows from the cause alone.
enum class Kind {
  Transient,  // may pass by itself: the same request again
  InDoubt,    // an unkeyed create was sent and got neither success nor refusal: look before repeating
  Permanent,  // never will pass
  Blocked,    // waits for a person or another release
};

enum class Cause {
  // transient
  Unreachable,  // nothing was sent: DNS, connect, TLS
  Timeout,      // a read, a keyed create or an update got no answer in time
  RateLimited,  // the CRM asked us to wait; rests the account's whole lane
  ServerError,  // 5xx, a gateway's page, half an answer
  NoLease,      // no access token can be had now: rests the lane, is no try
  Paced,        // the lane rests longer than it may wait in memory: is no try
  NoTenant,     // an event of a tenant that we have not heard of yet
  // in doubt
  Unanswered,
  // permanent
  Malformed,  // bytes from outside that do not mean anything
  Rejected,   // a definite refusal of this very content
  NotFound,   // the target does not exist (any more)
  TooLong,    // a field's limit; cut once, then permanent
  Crashed,    // the event took the stage down, alone, more than once
  Expired,    // waited longer than it may
  // blocked
  NotAuthorized,  // reconnect needed
  NotPermitted,   // a right is missing
  SetupIncomplete,
  Paused,
  NeedsNewerStage,
};

constexpr Kind kind_of(Cause cause) {
  switch (cause) {
    case Cause::Unreachable:
    case Cause::Timeout:
    case Cause::RateLimited:
    case Cause::ServerError:
    case Cause::NoLease:
    case Cause::Paced:
    case Cause::NoTenant:
      return Kind::Transient;
    case Cause::Unanswered:
      return Kind::InDoubt;
    case Cause::Malformed:
    case Cause::Rejected:
    case Cause::NotFound:
    case Cause::TooLong:
    case Cause::Crashed:
    case Cause::Expired:
      return Kind::Permanent;
    case Cause::NotAuthorized:
    case Cause::NotPermitted:
    case Cause::SetupIncomplete:
    case Cause::Paused:
    case Cause::NeedsNewerStage:
      return Kind::Blocked;
  }
  return Kind::Permanent;  // unreachable: -Wswitch refuses a cause without a kind
}

// Short lower-case words, the same in logs, metrics, events and the CLI.
std::string_view name_of(Kind kind);
std::string_view name_of(Cause cause);
std::optional<Cause> cause_named(std::string_view name);

struct Failure {
  Cause cause = Cause::Malformed;
  std::string detail;  // for a person: what happened and, where we know it, what to do; never a secret or a
                       // note's text
  std::optional<std::chrono::milliseconds> retry_after{};
  std::optional<Spent> spent{};  // by a call to the CRM that failed as a whole, where that is known
};

template <class T>
using Result = tl::expected<T, Failure>;  // std::expected on the day we move to C++23

inline tl::unexpected<Failure> fail(Cause cause, std::string detail,
                                    std::optional<std::chrono::milliseconds> retry_after = std::nullopt) {
  return tl::unexpected<Failure>(Failure{cause, std::move(detail), retry_after});
}

}  // namespace aftercall
