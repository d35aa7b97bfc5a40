#include "http/url.hpp"
#include "process/state.hpp"
#include "telemetry/metrics.hpp"

namespace aftercall::process {
namespace {

http::Response text(int status, std::string body, std::string type = "text/plain; charset=utf-8") {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", std::move(type));
  response.body = std::move(body);
  return response;
}

// One line a condition: "name: ok" or "name: why not"; and what there is to remark.
http::Response readiness(const Host::State& state) {
  bool ready = !state.stopping;
  std::string lines = state.stopping ? "process: stopping\n" : "";
  for (const auto& [name, why_not] : state.conditions) {
    const auto reason = why_not();
    ready = ready && !reason;
    lines += name + ": " + reason.value_or("ok") + "\n";
  }
  for (const auto& [name, what] : state.remarks)
    if (const auto remark = what()) lines += name + ": " + *remark + "\n";
  return text(ready ? 200 : 503, lines.empty() ? "ok\n" : std::move(lines));
}

}  // namespace

http::Response answer_health(const Host::State& state, const http::Request& request) {
  const auto target = http::parse_target(request.target);
  const std::string path = target ? target->path : "";
  if (request.method != "GET" && request.method != "HEAD") return text(405, "GET only\n");
  if (path == "/healthz") return text(200, "ok\n");
  if (path == "/readyz") return readiness(state);
  if (path == "/metrics")
    return text(200, telemetry::metrics_text(), "text/plain; version=0.0.4; charset=utf-8");
  return text(404, "/healthz, /readyz, /metrics\n");
}

}  // namespace aftercall::process
