#include "control/deferred/deferred_service.hpp"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/configuration/records.hpp"
#include "control/deferred/filter.hpp"

namespace aftercall::control {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = std::chrono::milliseconds(2s);  // a person waits: most releases are done by then
constexpr auto look_again = 50ms;
constexpr std::size_t longest_reason = 200;
constexpr auto margin = 1s;  // before the caller's own deadline

// To the audit before anything is asked for.
Draft audit_of(const wire::TopicNames& topics, const api::DeferredFilter& filter, std::size_t count,
               const Wish& wish) {
  std::string named;
  static_cast<void>(google::protobuf::util::MessageToJsonString(filter, &named));
  const std::string tenant = filter.tenant().empty() ? filter.session().tenant() : filter.tenant();
  Audited entry;
  entry.action = wish.discard_because ? "deferred.discard" : "deferred.release";
  entry.name = {"deferred", TenantId(tenant), std::to_string(count)};
  entry.before = named;
  entry.after = wish.discard_because.value_or("");
  return audit_draft(topics, entry, wish.who, truncate(std::chrono::system_clock::now()));
}

}  // namespace

Result<api::ListDeferredResponse> DeferredService::look(const api::ListDeferredRequest& request) const {
  if (const auto why = releaser_.why_not_ready()) return fail(Cause::Unreachable, *why);
  if (const auto right = check(request.filter()); !right) return tl::unexpected(right.error());
  return list(releaser_.deferrals(), request);
}

std::int64_t DeferredService::still_there(const std::vector<std::string>& keys) const {
  return std::count_if(keys.begin(), keys.end(),
                       [this](const std::string& key) { return releaser_.deferrals().contains(key); });
}

// Waits a little for what was asked for: most of it is done by then.
asio::awaitable<Result<DeferredService::Done>> DeferredService::carry_out(Wish wish,
                                                                          api::DeferredFilter filter,
                                                                          bool dry_run,
                                                                          bus::Deadline deadline) {
  if (const auto why = releaser_.why_not_ready()) co_return fail(Cause::Unreachable, *why);
  if (is_empty(filter)) co_return fail(Cause::Malformed, "the filter is empty: say what is meant");
  if (const auto right = check(filter); !right) co_return tl::unexpected(right.error());
  std::vector<std::string> keys = keys_of(releaser_.deferrals(), filter);
  const auto count = static_cast<std::int64_t>(keys.size());
  if (dry_run || keys.empty()) co_return Done{0, count};
  Draft audit = audit_of(topics_, filter, keys.size(), wish);
  auto wanting = releaser_.want(std::move(keys), std::move(wish), std::move(audit), deadline);
  Result<std::vector<std::string>> wanted = co_await std::move(wanting);
  if (!wanted) co_return tl::unexpected(wanted.error());
  const auto asked = static_cast<std::int64_t>(wanted->size());
  const auto until = std::min(bus::within(patience), deadline - margin);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (std::chrono::steady_clock::now() < until) {
    while (!wanted->empty() && !releaser_.deferrals().contains(wanted->back())) wanted->pop_back();
    if (wanted->empty()) break;
    timer.expires_after(look_again);
    co_await timer.async_wait(asio::use_awaitable);
  }
  const std::int64_t queued = still_there(*wanted);
  co_return Done{asked - queued, queued};
}

asio::awaitable<Result<api::ReleaseResponse>> DeferredService::release(api::ReleaseRequest request,
                                                                       Caller caller,
                                                                       bus::Deadline deadline) {
  Wish wish{caller.name};
  auto working = carry_out(std::move(wish), request.filter(), request.dry_run(), deadline);
  const Result<Done> done = co_await std::move(working);
  if (!done) co_return tl::unexpected(done.error());
  api::ReleaseResponse response;
  response.set_released(done->done);
  response.set_queued(done->queued);
  co_return response;
}

asio::awaitable<Result<api::DiscardResponse>> DeferredService::discard(api::DiscardRequest request,
                                                                       Caller caller,
                                                                       bus::Deadline deadline) {
  if (request.reason().empty() || request.reason().size() > longest_reason)
    co_return fail(Cause::Malformed, "a reason of at most 200 bytes is wanted, for whoever asks later");
  Wish wish{caller.name, request.reason()};
  auto working = carry_out(std::move(wish), request.filter(), request.dry_run(), deadline);
  const Result<Done> done = co_await std::move(working);
  if (!done) co_return tl::unexpected(done.error());
  api::DiscardResponse response;
  response.set_discarded(done->done);
  response.set_queued(done->queued);
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

grpc::Status DeferredService::Discard(grpc::ServerContext* context, const api::DiscardRequest* request,
                                      api::DiscardResponse* response) {
  return desk_.serve<api::DiscardResponse>(*context, "Deferred/Discard", *request, response,
                                           [this, wanted = *request](Caller caller, bus::Deadline deadline) {
                                             return discard(wanted, std::move(caller), deadline);
                                           });
}

}  // namespace aftercall::control
