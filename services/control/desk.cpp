#include "control/desk.hpp"

#include <algorithm>

namespace aftercall::control {
namespace {

constexpr std::chrono::milliseconds longest{30'000};  // a call without a deadline of its own
constexpr std::chrono::milliseconds look{50};

grpc::StatusCode code_of(Cause cause) {
  switch (cause) {
    case Cause::Malformed:
    case Cause::TooLong:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Cause::NotFound:
    case Cause::NoTenant:
      return grpc::StatusCode::NOT_FOUND;
    case Cause::Timeout:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case Cause::NotPermitted:
      return grpc::StatusCode::PERMISSION_DENIED;
    case Cause::RateLimited:
    case Cause::Paced:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Cause::Unreachable:
    case Cause::ServerError:
    case Cause::NoLease:
    case Cause::Unanswered:
      return grpc::StatusCode::UNAVAILABLE;
    case Cause::Rejected:
    case Cause::Crashed:
    case Cause::Expired:
    case Cause::NotAuthorized:
    case Cause::SetupIncomplete:
    case Cause::Paused:
    case Cause::NeedsNewerStage:
      break;
  }
  return grpc::StatusCode::FAILED_PRECONDITION;
}

}  // namespace

// The cause beside it tells a caller that it was control that answered, and not its own client for want of an
// answer: both are Unavailable.
grpc::Status status_of(const Failure& failure) {
  return {code_of(failure.cause), failure.detail, std::string(name_of(failure.cause))};
}

grpc::Status Desk::admit(const grpc::ServerContext& context, std::string_view method, Caller& caller) const {
  const auto& metadata = context.client_metadata();
  const auto given = metadata.find("authorization");
  if (given == metadata.end())
    return {grpc::StatusCode::UNAUTHENTICATED, "send `authorization: Bearer <token>`"};
  const auto known = caller_of(parts_.tokens, std::string_view(given->second.data(), given->second.size()));
  if (!known) return {grpc::StatusCode::UNAUTHENTICATED, "this token is not known"};
  caller = *known;
  const bool allowed = may(caller.role, "/aftercall.control.v1." + std::string(method));
  if (allowed && !open_)
    return status_of({Cause::Unreachable, "control is still reading its topics; try again"});
  if (allowed) return grpc::Status::OK;
  return {grpc::StatusCode::PERMISSION_DENIED,
          "the role " + std::string(name_of(caller.role)) + " may not call " + std::string(method)};
}

bus::Deadline Desk::deadline_of(const grpc::ServerContext& context) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(context.deadline() -
                                                                          std::chrono::system_clock::now());
  return bus::within(std::clamp(left, std::chrono::milliseconds(0), longest));
}

bool Desk::waited(const grpc::ServerContext& context,
                  const std::function<bool(std::chrono::milliseconds)>& ready, bus::Deadline deadline) const {
  while (!ready(look))
    if (closed_ || context.IsCancelled() || std::chrono::steady_clock::now() >= deadline) return false;
  return true;
}

}  // namespace aftercall::control
