#include "crm_writer/config.hpp"
#include "crm_writer/steps.hpp"
#include "process/stage_process.hpp"

using namespace aftercall;

namespace {

using Ownership = crm_writer::Ledger::Ownership;

void start(const crm_writer::Config& config, process::StageProcess& process) {
  const auto& topics = config.stage.kafka.topics;
  process::CrmAccess crm(process.executor(), config.crm);
  const auto rows = process.kafka().producer(
      {{topics.of(wire::topic::delivery_ledger), topics.of(wire::topic::event_deferred)}});
  // A dry run beside the real one keeps away from its file, and only reads.
  const std::string file = process.dry_run() ? std::string() : config.ledger_file;
  const auto owned = process.dry_run() ? Ownership::None : Ownership::Claimed;
  const auto view = crm_writer::Ledger::open(file, process.kafka(), *rows, topics);
  if (!view) return process.fail(view.error());
  const auto& ledger = *view;
  const crm_writer::World world{&process.directory(), &crm.connectors(), ledger.get(), config.looks};
  stage::Steps steps = crm_writer::steps(world);
  steps.on_assigned = [&](int partition, std::uint64_t) {
    return ledger->restore(partition, truncate(std::chrono::system_clock::now()), owned);
  };
  steps.on_revoked = [&](int partition) { ledger->forget(partition); };
  steps.halted = [&] {
    auto why = ledger->away();
    return why ? why : crm.none_left();
  };
  steps.lost = [&] {
    auto why = rows->fatal();
    return why ? why : ledger->lost();
  };
  process.remark("ledger", [&] { return ledger->unreadable(); });
  process.run(std::move(steps));
}

}  // namespace

int main(int argc, char** argv) {
  return process::run_stage("crm_writer", argc, argv, crm_writer::parse_config, start);
}
