#include "control/deferred/deferred_service.hpp"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/deferred/filter.hpp"
#include "control/records.hpp"

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = std::chrono::milliseconds(2s);  // a person waits: most releases are done by then
constexpr auto look_again = 50ms;
constexpr auto margin = 1s;  // before the caller's own deadline

// To the audit before anything is asked for.
Draft audit_of(const wire::TopicNames& topics, const api::DeferredFilter& filter, std::size_t count,
               const std::string& who) {
  std::string named;
  static_cast<void>(google::protobuf::util::MessageToJsonString(filter, &named));
  const std::string tenant = filter.tenant().empty() ? filter.session().tenant() : filter.tenant();
  Audited entry;
  entry.action = "deferred.release";
  entry.name = {"deferred", TenantId(tenant), std::to_string(count)};
  entry.before = named;
  return audit_draft(topics, entry, who, truncate(std::chrono::system_clock::now()));
}

}  // namespace

Result<api::ListDeferredResponse> DeferredService::look(const api::ListDeferredRequest& request) const {
  if (const auto why = releaser_.why_not_ready()) return fail(Cause::Unreachable, *why);
  if (const auto right = check(request.filter()); !right) return tl::unexpected(right.error());
  return list(releaser_.deferrals(), request);
}

std::int64_t DeferredService::still_there(const std::vector<std::string>& keys) const {
  return std::count_if(keys.begin(), keys.end(),
                       [this](const std::string& key) { return releaser_.deferrals().find(key) != nullptr; });
}

asio::awaitable<Result<api::ReleaseResponse>> DeferredService::release(api::ReleaseRequest request,
                                                                       Caller caller,
                                                                       bus::Deadline deadline) {
  if (const auto why = releaser_.why_not_ready()) co_return fail(Cause::Unreachable, *why);
  if (is_empty(request.filter()))
    co_return fail(Cause::Malformed, "the filter is empty: name what is to be released");
  if (const auto right = check(request.filter()); !right) co_return tl::unexpected(right.error());
  std::vector<std::string> keys = keys_of(releaser_.deferrals(), request.filter());
  api::ReleaseResponse response;
  response.set_queued(static_cast<std::int64_t>(keys.size()));
  if (request.dry_run() || keys.empty()) co_return response;
  Draft audit = audit_of(topics_, request.filter(), keys.size(), caller.name);
  auto wanting = releaser_.want(std::move(keys), caller.name, std::move(audit), deadline);
  const Result<std::vector<std::string>> wanted = co_await std::move(wanting);
  if (!wanted) co_return tl::unexpected(wanted.error());
  const auto until = std::min(bus::within(patience), deadline - margin);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (still_there(*wanted) > 0 && std::chrono::steady_clock::now() < until) {
    timer.expires_after(look_again);
    co_await timer.async_wait(asio::use_awaitable);
  }
  response.set_queued(still_there(*wanted));
  response.set_released(static_cast<std::int64_t>(wanted->size()) - response.queued());
  co_return response;
}

grpc::Status DeferredService::List(grpc::ServerContext* context, const api::ListDeferredRequest* request,
                                   api::ListDeferredResponse* response) {
  return desk_.read<api::ListDeferredResponse>(*context, "Deferred/List", *request, response,
                                               [this, wanted = *request] { return look(wanted); });
}

grpc::Status DeferredService::Release(grpc::ServerContext* context, const api::ReleaseRequest* request,
                                      api::ReleaseResponse* response) {
  return desk_.serve<api::ReleaseResponse>(*context, "Deferred/Release", *request, response,
                                           [this, wanted = *request](Caller caller, bus::Deadline deadline) {
                                             return release(wanted, std::move(caller), deadline);
                                           });
}

}  // namespace aftercall::control
