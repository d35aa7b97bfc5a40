#include "bus/kafka.hpp"
#include "ingest/config.hpp"
#include "ingest/door.hpp"
#include "ingest/producer_watch.hpp"
#include "process/host.hpp"
#include "process/sections.hpp"
#include "tenancy/following.hpp"
#include "wire/topics.hpp"

using namespace aftercall;

namespace {

void start(const ingest::Config& config, process::Host& host) {
  const auto kafka = bus::open(host.executor(), process::with_log(config.kafka.bus));
  if (!kafka) return host.fail(kafka.error());
  const std::string topic = config.kafka.topics.of(wire::topic::session_finished);
  const auto reader = (*kafka)->reader({{config.kafka.topics.of(wire::topic::tenant_config)}});
  const ingest::DoorSettings defaults;
  const auto producer = (*kafka)->producer({.topics = {topic}, .delivery_timeout = defaults.deadline});

  tenancy::Directory directory;
  tenancy::Following following(directory, *reader);
  ingest::ProducerWatch watch(host.executor(), *producer);
  ingest::Door door(host.executor(), directory, *producer,
                    {.topic = topic, .open = [&] { return following.restored(); }});
  http::Server server(host.executor(), ingest::before(door, config.http),
                      [&](http::Request request) { return door.answer(std::move(request)); });
  host.tell_port(config.port_file, server.port());

  using WhyNot = std::optional<std::string>;
  host.ready_when("configuration",
                  [&] { return following.restored() ? WhyNot() : "is not read to its end yet"; });
  host.ready_when("kafka", [&] { return watch.why_not(); });
  host.on_stop([&] { following.stop(); });
  host.on_stop([&] { watch.stop(); });
  host.on_stop([&] { server.stop(); });
  host.spawn("configuration", following.run());
  host.spawn("producer", watch.run([&host](Failure why) { host.fail(why); }));
  host.spawn("door", serve(server, door));
  host.run();
}

}  // namespace

int main(int argc, char** argv) { return process::run("ingest", argc, argv, ingest::parse_config, start); }
