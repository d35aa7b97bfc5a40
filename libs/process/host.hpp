#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "config/tree.hpp"
#include "domain/failure.hpp"
#include "process/tasks.hpp"

namespace aftercall::process {

namespace asio = boost::asio;

// What a main's objects live in: the one io_context, stopping, readiness. Used from main's thread.
class Host {
 public:
  asio::any_io_executor executor() const;

  // Before run(). Called once, the last registered first, when it is time to end: SIGTERM, SIGINT, a task
  // that ended, stop() or fail(). What it stops makes its task end.
  void on_stop(std::function<void()> what);
  // A condition of readiness, asked at each /readyz: nothing = met, else why not.
  void ready_when(std::string name, std::function<std::optional<std::string>()> why_not);

  // What /readyz says beside the conditions, if anything: whoever is ready all the same.
  void remark(std::string name, std::function<std::optional<std::string>()> what);

  // Runs until every task has ended; the first to end stops the others, and unless stop() was called its
  // ending is a failure: a supervisor shall start us again. Tasks have [process] drain to end, after half as
  // much again the process ends without them. Exceptions are caught, logged and become the exit code.
  template <class... Tasks>
  void run(Tasks... tasks) {
    (spawn("task", std::move(tasks)), ...);
    wait();
  }
  void spawn(std::string name, asio::awaitable<void> task);  // named, before or during run()

  // Tells others which port the system chose, by a file that goes with the process; "" for none. Throws
  // std::runtime_error when it cannot be written.
  void tell_port(const std::string& file, int port);

  void stop(std::string why);     // a wanted end: exit code 0
  void fail(const Failure& why);  // an unwanted one: logged, exit code 1
  bool stopping() const;
  bool dry_run();  // --effects=none; a service that never asks refuses the option
  std::string_view name() const;
  unsigned short health_port() const;

  struct State;
  explicit Host(State& state) : state_(state) {}

 private:
  void wait();
  State& state_;
};

// Exit codes, for scripts and supervisors.
inline constexpr int ended = 0, failed = 1, wrong_usage = 2, not_drained = 3;

// The type-erased form of run() below: `prepare` reads the settings and answers what to start.
using Start = std::function<void(Host&)>;
int run_prepared(std::string_view name, int argc, char** argv,
                 const std::function<Result<Start>(const config::Tree&)>& prepare);

// The whole of a service's main: options (--config FILE, --check-config, --effects=none, --version, --help),
// settings (its own and [health] and [log], which are read here), signals, logging, health port, exit code.
//   [health] address = "127.0.0.1", port = 9000 (0: the system chooses; logged), port_file = "FILE" (gets it)
//   [process] drain = "10s"
//   [log]    format = "text" | "json", level = "info" | "warn" | "error"
// `parse` reads the rest of the tree and ends with tree.finish().
template <class Parse, class StartWith>
int run(std::string_view name, int argc, char** argv, Parse parse, StartWith start) {
  return run_prepared(name, argc, argv, [parse, start](const config::Tree& tree) -> Result<Start> {
    auto config = parse(tree);
    if (!config) return tl::unexpected(config.error());
    using Config = typename decltype(config)::value_type;
    auto held = std::make_shared<const Config>(std::move(*config));
    return Start([held, start](Host& host) { start(*held, host); });
  });
}

}  // namespace aftercall::process
