#include "bus/kafka.hpp"
#include "matcher/config.hpp"
#include "matcher/match_unit.hpp"
#include "process/host.hpp"
#include "process/stage_task.hpp"
#include "tenancy/following.hpp"
#include "tenancy/tokens.hpp"

using namespace aftercall;

int main(int argc, char** argv) {
  return process::run(
      "matcher", argc, argv, matcher::parse_config, [](const matcher::Config& config, process::Host& host) {
        const auto opened = bus::open(host.executor(), process::with_log(config.kafka.bus));
        if (!opened) return host.fail(opened.error());
        const auto& kafka = *opened;
        const auto reader = kafka->reader({{config.kafka.topics.of(wire::topic::tenant_config), 0}});
        tenancy::Directory directory;
        tenancy::Following following(directory, *reader);
        http::Client client(host.executor(), config.http);
        tenancy::Leases leases(host.executor(), config.lease);
        tenancy::Connectors connectors(client, tenancy::tokens_from(leases));
        matcher::Remembered remembered;
        matcher::InFlight in_flight(host.executor());
        const matcher::World world{&directory, &connectors, {&remembered, &in_flight}};
        stage::RealClock clock(host.executor());
        stage::Steps steps;
        steps.split = [&](const Record& record, const wire::Envelope& envelope) {
          return matcher::split(record, envelope, directory);
        };
        steps.step = [&](stage::Unit unit, stage::Context context) {
          return matcher::match_unit(std::move(unit), std::move(context), world);
        };
        steps.halted = [&] { return leases.none_left(); };
        stage::Stage stage(host.executor(), *kafka, clock, process::with_effects_as_asked(host, config.stage),
                           std::move(steps));
        process::spawn_stage(host, following, stage);
        host.run();
      });
}
