#include "formatter/config.hpp"
#include "formatter/format_unit.hpp"
#include "process/stage_process.hpp"

using namespace aftercall;

namespace {

// A step that awaits nothing, as the runner wants it.
stage::asio::awaitable<stage::Outcome> at_once(stage::Outcome outcome) { co_return outcome; }

void start(const formatter::Config&, process::StageProcess& process) {
  const auto& directory = process.directory();
  stage::Steps steps;
  steps.split = [&](const Record& record, const wire::Envelope& envelope) {
    return formatter::split(record, envelope, directory);
  };
  steps.step = [&](stage::Unit unit, stage::Context context) {
    return at_once(formatter::format_unit(unit, context, directory));
  };
  process.run(std::move(steps));
}

}  // namespace

int main(int argc, char** argv) {
  return process::run_stage("formatter", argc, argv, formatter::parse_config, start);
}
