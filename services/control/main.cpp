#include "bus/kafka.hpp"
#include "control/control.hpp"
#include "control/deferred/deferring.hpp"
#include "control/hardening.hpp"
#include "control/sessions/sessions_service.hpp"
#include "control/sessions/view_task.hpp"
#include "process/host.hpp"
#include "telemetry/log.hpp"

using namespace aftercall;

namespace {

// A view that cannot be kept, and never will be, ends the process: a story that stands still would be
// believed.
bus::asio::awaitable<void> follow(process::Host host, control::ViewTask* view, std::string data_topic) {
  const auto ended = co_await view->run(std::move(data_topic));
  if (!ended && !host.stopping()) host.fail(ended.error());
}

void start(control::Config config, process::Host& host) {
  auto ring = control::load_key_ring(config.key_ring);
  auto tokens = control::load_tokens(config.listen.tokens_file);
  if (!ring) return host.fail(ring.error());
  if (!tokens) return host.fail(tokens.error());
  config.kafka.bus = process::with_log(std::move(config.kafka.bus));
  const auto kafka = bus::open(host.executor(), config.kafka.bus);
  if (!kafka) return host.fail(kafka.error());
  http::Client client(host.executor(), config.http);
  stage::RealClock clock(host.executor());
  control::Control control(
      {host.executor(), clock, **kafka, client, config, std::move(*ring), std::move(*tokens)});
  control::ViewTask following(**kafka, clock, config.view_file, config.kafka.topics);
  control::SessionsService sessions(control.workshop().desk, following);
  control.add(sessions);
  control::Deferring deferring(host.executor(), **kafka, control, config);
  host.tell_port(config.listen.port_file, control.listen());
  host.ready_when("topics", [&control] { return control.why_not_ready(); });
  host.ready_when("deferrals", [&deferring] { return deferring.why_not_ready(); });
  host.remark("session view", [&following] { return following.stands_still(); });
  host.remark("deferrals", [&deferring] { return deferring.in_memory(); });
  host.on_stop([&] {
    following.stop();
    deferring.stop();
    control.stop();
  });
  host.spawn("session view", follow(host, &following, config.kafka.topics.of(wire::topic::session_finished)));
  host.run(control.run(), deferring.run());
}

}  // namespace

int main(int argc, char** argv) {
  control::keep_to_ourselves();
  return process::run("control", argc, argv, control::parse_config, start);
}
