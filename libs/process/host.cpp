#include "process/host.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <boost/asio/post.hpp>

#include "process/memory.hpp"
#include "process/state.hpp"
#include "telemetry/log.hpp"

namespace aftercall::process {
namespace {

constexpr std::chrono::seconds for_the_end{1};  // a thread that hangs is not waited for

asio::awaitable<http::Response> health_response(const Host::State* state, http::Request request) {
  co_return answer_health(*state, request);
}

http::ServerSettings health_settings(const Settings& settings) {
  http::ServerSettings server;
  server.address = settings.health_address;
  server.port = settings.health_port;
  server.connections = 64;   // a scraper, a probe and some people
  server.body_limit = 1024;  // none of them sends one
  server.drain = std::chrono::seconds(1);
  return server;
}

}  // namespace

std::string what_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no exception";
  }
}

Host::State::State(std::string_view service, Settings wanted, bool dry, Watchdog& dog)
    : name(service),
      settings(std::move(wanted)),
      dry_run(dry),
      watchdog(dog),
      tasks(context.get_executor()),
      own(context.get_executor()),
      signals(context, SIGTERM, SIGINT),
      slow(context),
      spare(context),
      health(context.get_executor(), health_settings(settings),
             [this](http::Request request) { return health_response(this, std::move(request)); }) {
  tasks.on_end([this](const std::string& task, const std::exception_ptr& thrown) {
    task_ended(task, thrown);
    context.stop();
  });
  own.on_end([this](const std::string&, const std::exception_ptr&) { context.stop(); });
  own.spawn("health", health.run());
  wait_for_signal();
  keep_little();
}

Host::State::~State() = default;

void Host::State::keep_little() {
  spare.expires_after(between_givings);
  spare.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    give_memory_back();
    keep_little();
  });
}

void Host::State::wait_for_signal() {
  signals.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (stopping) ::_exit(not_drained);  // who asks twice wants it now
    begin_stop(signal == SIGINT ? "SIGINT" : "SIGTERM");
    wait_for_signal();
  });
}

void Host::State::task_ended(const std::string& task, const std::exception_ptr& thrown) {
  if (thrown) log::error("task.threw", {{"task", task}, {"what", what_of(thrown)}});
  if (!thrown && !stopping) log::error("task.ended", {{"task", task}});
  if (thrown || !stopping) code = failed;
  begin_stop("task " + task + (thrown ? " threw" : " ended"));
}

void Host::State::begin_stop(const std::string& why) {
  if (stopping) return;
  stopping = true;
  context.stop();
  log::info("process.stopping", {{"why", why}});
  watchdog.arm(settings.drain * 3 / 2 + for_the_end);
  slow.expires_after(settings.drain);
  slow.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    std::string names;
    for (const auto& each : tasks.names()) names += (names.empty() ? "" : ", ") + each;
    log::error("process.not_drained", {{"after", settings.drain}, {"tasks", names}});
    code = not_drained;
    give_up();
  });
  std::for_each(stops.rbegin(), stops.rend(), [this](const auto& stop) { asio::post(context, stop); });
}

void Host::State::give_up() {
  slow.expires_after(settings.drain / 2);
  slow.async_wait([this](const boost::system::error_code& error) {
    given_up = given_up || !error;
    context.stop();
  });
}

// Until something changed that run_until_stopped() goes by: whatever does calls context.stop(). In one go,
// for what Asio keeps of one handler's memory for the next lives no longer than run(). What a handler throws
// is a bug; the rest gets its chance to end in order.
void Host::State::go_on() {
  try {
    context.restart();
    context.run();
  } catch (...) {
    log::error("process.threw", {{"what", what_of(std::current_exception())}});
    code = failed;
    begin_stop("a bug");
  }
}

void Host::State::run_until_stopped() {
  while ((tasks.size() > 0 || !stopping) && !given_up) go_on();
  if (given_up) leave();  // past what main owns: those tasks are in the middle of using it
  slow.cancel();
  health.stop();
  while (own.size() > 0) go_on();
  context.restart();
  context.poll();  // what was cancelled hears of it while what it belongs to is still there
}

// Whole or not at all, and gone when we are.
void Host::State::tell_port(const std::string& file, int port) {
  if (file.empty()) return;
  const std::string draft = file + ".new";
  std::ofstream written(draft);
  written << port << '\n';
  written.close();
  if (!written) throw std::runtime_error("cannot write port_file " + file);
  std::filesystem::rename(draft, file);
  port_files.push_back(file);
}

void Host::State::leave() {
  std::error_code gone;
  for (const auto& file : port_files) std::filesystem::remove(file, gone);
  log::info("process.ended", {{"code", code}});
  std::fflush(nullptr);
  std::cout.flush();
  ::_exit(code);
}

asio::any_io_executor Host::executor() const { return state_.context.get_executor(); }
void Host::on_stop(std::function<void()> what) {
  if (state_.stopping) return asio::post(state_.context, std::move(what));
  state_.stops.push_back(std::move(what));
}
void Host::ready_when(std::string name, std::function<std::optional<std::string>()> why_not) {
  state_.conditions.emplace_back(std::move(name), std::move(why_not));
}
void Host::remark(std::string name, std::function<std::optional<std::string>()> what) {
  state_.remarks.emplace_back(std::move(name), std::move(what));
}
void Host::spawn(std::string name, asio::awaitable<void> task) {
  state_.tasks.spawn(std::move(name), std::move(task));
}
bool Host::stopping() const { return state_.stopping; }
std::string_view Host::name() const { return state_.name; }
unsigned short Host::health_port() const { return state_.health.port(); }

void Host::tell_port(const std::string& file, int port) { state_.tell_port(file, port); }

bool Host::dry_run() {
  state_.dry_run_asked = true;
  return state_.dry_run;
}

void Host::stop(std::string why) { state_.begin_stop(why); }

void Host::fail(const Failure& why) {
  log::error("process.failed", {{"cause", why.cause}, {"detail", why.detail}});
  state_.code = failed;
  state_.begin_stop("failed");
}

void Host::wait() {
  if (state_.dry_run && !state_.dry_run_asked) throw std::runtime_error(state_.name + " knows no dry run");
  state_.run_until_stopped();
}

}  // namespace aftercall::process
