#include "telemetry/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <mutex>

namespace aftercall::log {
namespace {

// Settings change once, before there are other threads; the lock is for the sanitizer's peace and for tests.
struct Log {
  std::mutex lock;
  Settings settings;
  spdlog::logger writer{"aftercall", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  Log() { writer.set_pattern("%v"); }
};

// Never destroyed: what ends late may still have something to say.
Log& the_log() {
  static auto* const log = new Log();
  return *log;
}

spdlog::level::level_enum as_spdlog(Level level) {
  switch (level) {
    case Level::Info:
      return spdlog::level::info;
    case Level::Warn:
      return spdlog::level::warn;
    case Level::Error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

void write(Level level, std::string_view event, const Fields& fields) {
  auto& log = the_log();
  const std::lock_guard guard(log.lock);
  if (level < log.settings.level) return;
  const auto now = std::chrono::system_clock::now();
  log.writer.log(as_spdlog(level),
                 line_of(log.settings.format, now, level, log.settings.service, event, fields));
  log.writer.flush();  // a process that is killed has said what it said
}

}  // namespace

void open(Settings settings) {
  auto& log = the_log();
  const std::lock_guard guard(log.lock);
  log.settings = std::move(settings);
}

void info(std::string_view event, const Fields& fields) { write(Level::Info, event, fields); }
void warn(std::string_view event, const Fields& fields) { write(Level::Warn, event, fields); }
void error(std::string_view event, const Fields& fields) { write(Level::Error, event, fields); }

}  // namespace aftercall::log
