#include <csignal>
#include <iostream>

#include "process/build.hpp"
#include "process/memory.hpp"
#include "process/options.hpp"
#include "process/state.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace aftercall::process {
namespace {

struct Read {
  Settings settings;
  log::Settings log;
};

Read read_own(const config::Tree& tree) {
  Read read;
  auto health = tree.root().table("health");
  health.read("address", read.settings.health_address);
  health.read("port", read.settings.health_port);
  health.read("port_file", read.settings.port_file);
  tree.root().table("process").read("drain", read.settings.drain);
  auto lines = tree.root().table("log");
  lines.read_one_of("format", read.log.format, {{"text", log::Format::Text}, {"json", log::Format::Json}});
  lines.read_one_of("level", read.log.level,
                    {{"info", log::Level::Info}, {"warn", log::Level::Warn}, {"error", log::Level::Error}});
  return read;
}

[[noreturn]] void live(std::string_view name, const Settings& settings, bool dry_run, const Start& start) {
  limit_memory();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that left is an error of the write
  std::signal(SIGXFSZ, SIG_IGN);  // so is a file that may not grow
  Watchdog watchdog;
  Host::State state(name, settings, dry_run, watchdog);
  Host host(state);
  try {
    state.tell_port(settings.port_file, host.health_port());
    telemetry::build_info(name, version(), commit());
    log::info("process.started", {{"version", version()},
                                  {"commit", commit()},
                                  {"health_port", host.health_port()},
                                  {"dry_run", dry_run}});
    start(host);
  } catch (...) {
    log::error("process.threw", {{"what", what_of(std::current_exception())}});
    state.code = failed;
  }
  state.leave();
}

int wrong(const std::string& what) {
  std::cerr << what << '\n';
  return wrong_usage;
}

int run_with(std::string_view name, const Options& options,
             const std::function<Result<Start>(const config::Tree&)>& prepare) {
  const auto tree = options.config.empty() ? config::parse("", "no --config") : config::load(options.config);
  if (!tree) return wrong(tree.error().detail);
  auto own = read_own(*tree);
  const auto start = prepare(*tree);
  if (const auto right = tree->finish(); !right) return wrong(right.error().detail);
  if (!start) return wrong(start.error().detail);
  if (options.check_config) {
    std::cout << (options.config.empty() ? "the defaults" : options.config) << ": right\n";
    return ended;
  }
  own.log.service = name;
  if (options.dry_run) {  // it runs beside the real one, whose port and file these are
    own.settings.health_port = 0;
    own.settings.port_file.clear();
  }
  log::open(own.log);
  live(name, own.settings, options.dry_run, *start);
}

}  // namespace

int run_prepared(std::string_view name, int argc, char** argv,
                 const std::function<Result<Start>(const config::Tree&)>& prepare) {
  try {
    const auto options = parse_options(argc, argv);
    if (!options) return wrong(options.error().detail + "\n" + usage(name));
    if (options->help) {
      std::cout << usage(name);
      return ended;
    }
    if (options->version) {
      std::cout << "aftercall-" << name << ' ' << version() << " (" << commit() << ")\n";
      return ended;
    }
    return run_with(name, *options, prepare);
  } catch (...) {
    log::error("process.threw", {{"what", what_of(std::current_exception())}});
    return failed;
  }
}

}  // namespace aftercall::process
