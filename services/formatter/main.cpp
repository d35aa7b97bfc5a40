#include "bus/kafka.hpp"
#include "formatter/config.hpp"
#include "formatter/format_unit.hpp"
#include "process/host.hpp"
#include "process/stage_task.hpp"

using namespace aftercall;

namespace {

// A step that awaits nothing, as the runner wants it.
stage::asio::awaitable<stage::Outcome> at_once(stage::Outcome outcome) { co_return outcome; }

}  // namespace

int main(int argc, char** argv) {
  return process::run(
      "formatter", argc, argv, formatter::parse_config,
      [](const formatter::Config& config, process::Host& host) {
        const auto opened = bus::open(host.executor(), process::with_log(config.kafka.bus));
        if (!opened) return host.fail(opened.error());
        const auto& kafka = *opened;
        const auto reader = kafka->reader({{config.kafka.topics.of(wire::topic::tenant_config), 0}});
        tenancy::Directory directory;
        tenancy::Following following(directory, *reader);
        stage::RealClock clock(host.executor());
        stage::Steps steps;
        steps.split = [&](const Record& record, const wire::Envelope& envelope) {
          return formatter::split(record, envelope, directory);
        };
        steps.step = [&](stage::Unit unit, stage::Context context) {
          return at_once(formatter::format_unit(unit, context, directory));
        };
        stage::Stage stage(host.executor(), *kafka, clock, process::with_effects_as_asked(host, config.stage),
                           std::move(steps));
        process::spawn_stage(host, following, stage);
        host.run();
      });
}
