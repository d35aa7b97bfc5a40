#include "bus/client.hpp"

#include <array>
#include <stdexcept>

namespace aftercall::bus {
namespace {

const Properties& everywhere() {
  static const Properties properties{
      {"socket.nagle.disable", "true"},  // on by default in 2.0.2: 40 ms more for small requests
      {"socket.keepalive.enable", "true"},
      {"reconnect.backoff.max.ms", "1000"},  // with the default of 10 s, a broker down for 3 s costs 10
      {"topic.metadata.refresh.interval.ms", "60000"},
      // For so long a topic that Kafka does not know may be one that was just created (default 30 s).
      {"topic.metadata.propagation.max.ms", "3000"},
      {"log.queue", "true"},
      {"log.connection.close", "false"},  // brokers close idle connections; that is no news
  };
  return properties;
}

Severity severity_of(int syslog_level) {
  if (syslog_level <= 3) return Severity::Error;
  if (syslog_level == 4) return Severity::Warning;
  return syslog_level <= 6 ? Severity::Info : Severity::Debug;
}

}  // namespace

Result<rd::Conf> configure(const Settings& settings, const Properties& own) {
  rd::Conf conf(rd_kafka_conf_new());
  std::array<char, 512> why{};
  const auto set = [&](const std::string& name, const std::string& value) {
    return rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), why.data(), why.size()) ==
           RD_KAFKA_CONF_OK;
  };
  if (!set("bootstrap.servers", settings.bootstrap) || !set("client.id", settings.client_id))
    return fail(Cause::SetupIncomplete, why.data());
  // Its words might repeat the value, which may be a secret.
  for (const auto& [name, value] : settings.security)
    if (!set(name, std::string(value.reveal())))
      return fail(Cause::SetupIncomplete, "security." + name + ": librdkafka refuses the value");
  for (const auto* properties : {&everywhere(), &own})
    for (const auto& [name, value] : *properties)
      if (!set(name, value)) return fail(Cause::SetupIncomplete, why.data());
  return conf;
}

rd::Handle make_handle(rd_kafka_type_t type, const Settings& settings, const Properties& own) {
  Result<rd::Conf> conf = configure(settings, own);
  if (!conf) throw std::invalid_argument(conf.error().detail);
  rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_REBALANCE |
                                            RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_ERROR |
                                            RD_KAFKA_EVENT_LOG);
  std::array<char, 512> why{};
  rd::Handle handle(rd_kafka_new(type, conf->get(), why.data(), why.size()));
  if (!handle) throw std::invalid_argument(why.data());
  static_cast<void>(conf->release());  // the handle's now
  rd_kafka_set_log_queue(handle.get(), nullptr);
  return handle;
}

bool pass_log(const Settings& settings, rd_kafka_event_t* event) {
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_LOG) return false;
  const char* facility = nullptr;
  const char* text = nullptr;
  int level = 0;
  if (settings.log && rd_kafka_event_log(event, &facility, &text, &level) == 0)
    settings.log(severity_of(level), std::string(facility) + ": " + text);
  return true;
}

void say(const Settings& settings, Severity severity, const std::string& text) {
  if (settings.log) settings.log(severity, text);
}

}  // namespace aftercall::bus
