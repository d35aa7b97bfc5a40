#include "ingest/door.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "ingest/authenticate.hpp"
#include "ingest/openapi.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/settled.hpp"
#include "telemetry/trace.hpp"

namespace aftercall::ingest {
namespace {

std::string_view path_of(const http::Request& request) {
  return std::string_view(request.target).substr(0, request.target.find('?'));
}

constexpr std::string_view sessions_path = "/v1/sessions";
constexpr std::string_view document_path = "/openapi.json";

http::Response document_response(const http::Request& request, const std::string& document) {
  if (request.method != "GET" && request.method != "HEAD")
    return response_of(problem::method_not_allowed("GET, HEAD"));
  http::Response response;
  response.headers.add("Content-Type", "application/json");
  response.body = document;
  return response;
}

// Who was refused why; nothing of what was sent.
http::Response refused(const http::Request& request, const Problem& problem,
                       const tenancy::SourcePtr& source = nullptr) {
  log::info("door.refused", {{"status", problem.status},
                             {"code", problem.code},
                             {"tenant", source ? source->tenant.str() : ""},
                             {"source", source ? source->id.str() : ""},
                             {"wrong", problem.wrongs.all.size() + problem.wrongs.left_out},
                             {"peer", request.peer}});
  return response_of(problem);
}

void tell_accepted(const Source& source, const std::vector<Accepted>& accepted,
                   const std::string& traceparent, std::chrono::milliseconds took) {
  const auto trace = telemetry::parse_traceparent(traceparent);
  const std::string trace_id = trace ? trace->trace_id : "";
  for (const auto& each : accepted)
    telemetry::settled({.stage = "ingest",
                        .tenant = source.tenant.str(),
                        .source = source.id.str(),
                        .session = each.session.str(),
                        .event_id = each.event_id,
                        .trace_id = trace_id,
                        .outcome = "emitted",
                        .took = took});
}

std::size_t bytes_of(const std::vector<Accepted>& accepted) {
  std::size_t bytes = 0;
  for (const auto& each : accepted) bytes += each.draft.value ? each.draft.value->size() : 0;
  return bytes;
}

}  // namespace

struct Door::Storing {
  Storing(const asio::any_io_executor& executor, Waiting& among, TenantId whose, std::size_t size)
      : decided(executor), waiting(among), tenant(std::move(whose)), bytes(size) {}
  ~Storing() {  // the last of those that publish and wait has gone
    waiting.release(tenant, bytes);
    telemetry::in_flight("ingest", static_cast<std::int64_t>(waiting.requests()));
  }
  Storing(const Storing&) = delete;
  Storing& operator=(const Storing&) = delete;

  bool undecided() const { return left > 0 && !failed; }

  asio::steady_timer decided;  // cancelled when it is
  std::size_t left = 0;
  bool failed = false;
  Waiting& waiting;
  TenantId tenant;
  std::size_t bytes;
};

Door::Door(asio::any_io_executor executor, const tenancy::Directory& directory, bus::Producer& producer,
           DoorSettings settings)
    : executor_(executor),
      directory_(directory),
      producer_(producer),
      settings_(std::move(settings)),
      waiting_(settings_.waiting),
      document_(openapi(body_limit)),
      tasks_(std::move(executor)) {}

http::Admission Door::admit(const http::Request& head) const {
  const auto began = Clock::now();
  const auto path = path_of(head);
  std::string_view route = "other";
  http::Admission admission;
  if (path == sessions_path) {
    route = sessions_path;
    admission = admit_session(head);
  } else if (path == document_path) {
    route = document_path;
    admission.answer = document_response(head, document_);
  } else {
    admission.answer = refused(head, problem::no_such_page());
  }
  if (admission.answer) telemetry::http_answered(route, admission.answer->status, Clock::now() - began);
  return admission;
}

http::Admission Door::admit_session(const http::Request& head) const {
  const auto source = source_of(head);
  if (!source) return {refused(head, source.error())};
  if (const auto wrong = wrong_form(head.headers)) return {refused(head, *wrong, *source)};
  return {std::nullopt, (*source)->tenant.str()};
}

asio::awaitable<http::Response> Door::answer(http::Request request) {
  const auto began = Clock::now();
  http::Response response = co_await sessions(std::move(request), began);
  telemetry::http_answered(sessions_path, response.status, Clock::now() - began);
  co_return response;
}

asio::awaitable<void> Door::settled() { return tasks_.all(); }

tl::expected<tenancy::SourcePtr, Problem> Door::source_of(const http::Request& head) const {
  if (head.method != "POST") return tl::unexpected(problem::method_not_allowed("POST"));
  if (settings_.open && !settings_.open()) return tl::unexpected(problem::starting());
  return authenticate(head.headers, directory_);
}

tl::expected<Door::Taken, Problem> Door::take(const http::Request& request, tenancy::SourcePtr source) const {
  const auto tenant = directory_.tenant(source->tenant);
  if (!tenant) return tl::unexpected(problem::tenant_unknown());            // its region is needed
  if (waiting_.full()) return tl::unexpected(problem::too_many_waiting());  // before the work of reading it
  auto traceparent = telemetry::next_traceparent(request.headers.find("traceparent").value_or(""));
  auto accepted = receive(request, {*source, tenant->region, settings_.topic, settings_.now(), traceparent});
  if (!accepted) return tl::unexpected(std::move(accepted.error()));
  return Taken{std::move(source), std::move(traceparent), std::move(*accepted)};
}

asio::awaitable<http::Response> Door::sessions(http::Request request, Clock::time_point began) {
  const auto source = source_of(request);  // again: it may have been disabled while the body came
  if (!source) co_return refused(request, source.error());
  const auto taken = take(request, *source);
  if (!taken) co_return refused(request, taken.error(), *source);
  request.body = {};  // it may wait for long
  const auto storing = store(*taken);
  if (!storing) co_return refused(request, storing.error(), *source);
  Storing& state = **storing;
  const auto deadline = began + settings_.deadline;
  while (state.undecided() && Clock::now() < deadline) {
    boost::system::error_code cancelled;
    state.decided.expires_at(deadline);
    co_await state.decided.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  if (state.failed || state.left > 0) co_return refused(request, problem::not_stored(), *source);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  tell_accepted(*taken->source, taken->accepted, taken->traceparent, took);
  co_return accepted_response(taken->accepted);
}

tl::expected<std::shared_ptr<Door::Storing>, Problem> Door::store(const Taken& taken) {
  const TenantId& tenant = taken.source->tenant;
  const auto bytes = bytes_of(taken.accepted);
  switch (waiting_.admit(tenant, bytes)) {
    case Waiting::Verdict::Full:
      return tl::unexpected(problem::too_many_waiting());
    case Waiting::Verdict::TenantFull:
      return tl::unexpected(problem::tenant_waits_too_much());
    case Waiting::Verdict::Admitted:
      break;
  }
  telemetry::in_flight("ingest", static_cast<std::int64_t>(waiting_.requests()));
  auto storing = std::make_shared<Storing>(executor_, waiting_, tenant, bytes);
  storing->left = taken.accepted.size();
  for (const auto& each : taken.accepted) tasks_.spawn("publish", publish(storing, each.draft));
  return storing;
}

asio::awaitable<void> Door::publish(std::shared_ptr<Storing> storing, Draft draft) {
  const Result<Position> stored = co_await producer_.publish(std::move(draft));
  if (!stored) log::warn("door.not_stored", {{"tenant", storing->tenant}, {"why", stored.error().detail}});
  storing->failed = storing->failed || !stored;
  --storing->left;
  if (!storing->undecided()) storing->decided.cancel();
}

http::ServerSettings before(const Door& door, http::ServerSettings settings) {
  const auto told = [](const Problem& problem) {
    telemetry::http_answered(sessions_path, problem.status, {});
    return response_of(problem);
  };
  settings.body_limit = body_limit;
  settings.admit = [&door](const http::Request& head) { return door.admit(head); };
  settings.too_large = [told] { return told(problem::body_too_large(body_limit)); };
  settings.no_room = [told] { return told(problem::too_many_bytes()); };
  settings.threw = [](const std::exception& bug) { log::error("door.threw", {{"what", bug.what()}}); };
  return settings;
}

asio::awaitable<void> serve(http::Server& server, Door& door) {
  co_await server.run();
  co_await door.settled();
}

}  // namespace aftercall::ingest
