#include "matcher/config.hpp"
#include "matcher/match_unit.hpp"
#include "process/stage_process.hpp"

using namespace aftercall;

namespace {

void start(const matcher::Config& config, process::StageProcess& process) {
  process::CrmAccess crm(process.executor(), config.crm);
  matcher::Remembered remembered;
  matcher::InFlight in_flight(process.executor());
  matcher::Reread reread;
  matcher::Unfinished unfinished;
  const matcher::World world{
      &process.directory(), &crm.connectors(), {&remembered, &in_flight, &reread, &unfinished}};
  stage::Steps steps;
  steps.split = [&](const Record& record, const wire::Envelope& envelope) {
    return matcher::split(record, envelope, *world.directory);
  };
  steps.step = [&](stage::Unit unit, stage::Context context) {
    return matcher::match_unit(std::move(unit), std::move(context), world);
  };
  steps.halted = [&] { return crm.none_left(); };
  process.run(std::move(steps));
}

}  // namespace

int main(int argc, char** argv) {
  return process::run_stage("matcher", argc, argv, matcher::parse_config, start);
}
