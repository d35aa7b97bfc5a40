#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "process/build.hpp"
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

// Tells others on which port we are; whole or not at all, and gone when we are.
class PortFile {
 public:
  PortFile(std::string path, unsigned short port) : path_(std::move(path)) {
    if (path_.empty()) return;
    const std::string draft = path_ + ".new";
    std::ofstream file(draft);
    file << port << '\n';
    file.close();
    if (!file) throw std::runtime_error("cannot write port_file " + path_);
    std::filesystem::rename(draft, path_);
  }
  ~PortFile() {
    std::error_code gone;
    if (!path_.empty()) std::filesystem::remove(path_, gone);
  }
  PortFile(const PortFile&) = delete;
  PortFile& operator=(const PortFile&) = delete;

 private:
  std::string path_;
};

int live(std::string_view name, const Settings& settings, bool dry_run, const Start& start) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that left is an error of the write
  Watchdog watchdog;              // goes last
  Host::State state(name, settings, dry_run, watchdog);
  Host host(state);
  const PortFile port_file(settings.port_file, host.health_port());
  telemetry::build_info(name, version(), commit());
  log::info("process.started", {{"version", version()},
                                {"commit", commit()},
                                {"health_port", host.health_port()},
                                {"dry_run", dry_run}});
  try {
    start(host);
  } catch (...) {
    log::error("process.threw", {{"what", what_of(std::current_exception())}});
    state.code = failed;
  }
  watchdog.arm(settings.drain);  // what is left are destructors
  log::info("process.ended", {{"code", state.code}});
  return state.code;
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
  return live(name, own.settings, options.dry_run, *start);
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
