#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "bus/memory.hpp"
#include "crm_writer/plans_for_tests.hpp"
#include "crm_writer/steps.hpp"
#include "crm_writer/write_unit.hpp"
#include "wire/tenant_config.hpp"

namespace aftercall::crm_writer {

inline Instant the_time = instant_of(1'800'000'000'000);

inline Record record_of(std::string_view kind, const std::string& id, const wire::v1::TenantConfig& message) {
  Record record;
  record.key = tenancy::config_record::key(kind, TenantId("acme"), id);
  record.value = message.SerializeAsString();
  return record;
}

inline tenancy::Directory directory(bool keyed) {
  Tenant tenant;
  tenant.id = TenantId("acme");
  tenant.pseudonym_key = std::string(32, 'k');
  Connection connection;
  connection.tenant = tenant.id;
  connection.id = ConnectionId("main");
  connection.crm = "fake";
  connection.account = CrmAccount("dynamics365:1");
  connection.status = ConnectionStatus::Connected;
  connection.capabilities.keyed_writes = keyed;
  wire::v1::TenantConfig first;
  *first.mutable_tenant() = wire::to_wire(tenant);
  wire::v1::TenantConfig second;
  *second.mutable_connection() = wire::to_wire(connection);
  tenancy::Directory out;
  out.apply(record_of(tenancy::config_record::tenant, "acme", first));
  out.apply(record_of(tenancy::config_record::connection, "main", second));
  return out;
}

// The writer over a bus in memory, before a CRM that the test brings.
class WriterTest : public testing::Test {
 protected:
  WriterTest(const crm::Entry& entry, bool keyed)
      : bus_(context_.get_executor()),
        client_(context_.get_executor(), {}),
        directory_(directory(keyed)),
        connectors_(
            client_, [](const Connection&) { return crm::TokenSource(); },
            [&entry](std::string_view) { return &entry; }) {
    bus_.create(names_.of(wire::topic::delivery_ledger), 1);
    bus_.create(names_.of(wire::topic::note_ready), 1);
    producer_ = bus_.producer({{names_.of(wire::topic::delivery_ledger)}});
    begin_anew();
  }

  // As a restart does: the ledger is read from its topic.
  void begin_anew() {
    auto opened = Ledger::open(view_, bus_, *producer_, names_);
    ASSERT_TRUE(opened) << opened.error().detail;
    ledger_ = std::move(*opened);
    const auto restored = run(ledger_->restore(0, truncate(std::chrono::system_clock::now())));
    ASSERT_TRUE(restored) << restored.error().detail;
  }

  template <class T>
  T run(asio::awaitable<T> task) {
    std::optional<T> out;
    context_.restart();
    asio::co_spawn(context_, std::move(task), [&](const std::exception_ptr& thrown, T value) {
      if (thrown) std::rethrow_exception(thrown);
      out = std::move(value);
      context_.stop();
    });
    context_.run();
    return std::move(*out);
  }

  stage::Outcome write(const Plan& plan, bool effects = true) {
    stage::Unit unit{plan.account, plan.session, plan.revision};
    unit.payload = std::make_shared<const Plan>(plan);
    stage::Context context;
    context.envelope.tenant = TenantId("acme");
    deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    context.deadline = deadline_;
    *ours_ = true;
    context.ours = ours_;
    context.effects = effects;
    context.spent = earlier_;
    return run(write_unit(std::move(unit), std::move(context),
                          {&directory_, &connectors_, ledger_.get(), {}, [] { return the_time; }}));
  }

  stage::Stands standing_of(const Plan& plan) {
    stage::Unit unit{plan.account, plan.session, plan.revision};
    unit.payload = std::make_shared<const Plan>(plan);
    const World world{&directory_, &connectors_, ledger_.get()};
    return steps(world).stands(unit, {names_.of(wire::topic::note_ready), 0, 0});
  }

  static std::string reason(const stage::Outcome& outcome) {
    const auto* settle = std::get_if<stage::Settle>(&outcome);
    return settle == nullptr ? std::string(name_of(std::get<stage::Failed>(outcome).failure.cause))
                             : settle->settled.reason;
  }

  std::shared_ptr<bool> ours_ = std::make_shared<bool>(true);
  std::chrono::steady_clock::time_point deadline_;  // of what is written last
  Spent earlier_;                                   // by earlier tries of it
  std::filesystem::path view_;                      // empty: in memory, gone with each restart
  asio::io_context context_;
  bus::MemoryBus bus_;
  http::Client client_;
  wire::TopicNames names_;
  tenancy::Directory directory_;
  tenancy::Connectors connectors_;
  std::unique_ptr<bus::Producer> producer_;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace aftercall::crm_writer
