#include "bus/kafka.hpp"
#include "crm_writer/config.hpp"
#include "crm_writer/write_unit.hpp"
#include "process/host.hpp"
#include "process/stage_task.hpp"
#include "tenancy/following.hpp"
#include "tenancy/tokens.hpp"

using namespace aftercall;

int main(int argc, char** argv) {
  return process::run(
      "crm_writer", argc, argv, crm_writer::parse_config,
      [](const crm_writer::Config& config, process::Host& host) {
        const auto opened = bus::open(host.executor(), process::with_log(config.kafka.bus));
        if (!opened) return host.fail(opened.error());
        const auto& kafka = *opened;
        const auto reader = kafka->reader({{config.kafka.topics.of(wire::topic::tenant_config), 0}});
        tenancy::Directory directory;
        tenancy::Following following(directory, *reader);
        http::Client client(host.executor(), config.http);
        tenancy::Leases leases(host.executor(), config.lease);
        tenancy::Connectors connectors(client, tenancy::tokens_from(leases));
        const auto rows = kafka->producer({{config.kafka.topics.of(wire::topic::delivery_ledger)}});
        // A dry run beside the real one keeps away from its file.
        const std::string file = host.dry_run() ? std::string() : config.ledger_file;
        const auto view = crm_writer::Ledger::open(file, *kafka, *rows, config.kafka.topics);
        if (!view) return host.fail(view.error());
        const auto& ledger = *view;
        const crm_writer::World world{&directory, &connectors, ledger.get()};
        stage::RealClock clock(host.executor());
        stage::Steps steps;
        steps.split = [&](const Record& record, const wire::Envelope& envelope) {
          return crm_writer::split(record, envelope, directory);
        };
        steps.step = [&](stage::Unit unit, stage::Context context) {
          return crm_writer::write_unit(std::move(unit), std::move(context), world);
        };
        using Ownership = crm_writer::Ledger::Ownership;
        steps.on_assigned = [&, owned = host.dry_run() ? Ownership::None : Ownership::Claimed](
                                int partition, std::uint64_t) {
          return ledger->restore(partition, truncate(std::chrono::system_clock::now()), owned);
        };
        steps.on_revoked = [&](int partition) { ledger->forget(partition); };
        steps.halted = [&] { return leases.none_left(); };
        stage::Stage stage(host.executor(), *kafka, clock, process::with_effects_as_asked(host, config.stage),
                           std::move(steps));
        process::spawn_stage(host, following, stage);
        host.run();
      });
}
