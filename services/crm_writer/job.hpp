#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crm_writer/judge.hpp"
#include "crm_writer/write_unit.hpp"

namespace aftercall::crm_writer {

// What looking and creating contacts told about an artifact, before the others are put.
struct Told {
  std::optional<Failure> held{};  // it cannot be put now; its row says all that is known
  std::optional<ArtifactState::State> became{};
  std::string reason{};
};

// Everything that one unit's write needs, in one place that outlives its coroutine's waits.
struct Job {
  Plan plan;
  SlotHash hash;
  std::string region;  // the tenant's: how its CRM's phone numbers are read
  tenancy::ConnectionPtr connection;
  tenancy::ConnectorPtr connector;
  crm::Call call;
  World world;
  int partition = 0;
  std::shared_ptr<const bool> ours;
  std::map<std::string, Told> told;  // by artifact's key
  std::vector<Done> done;
  Spent earlier;  // by earlier tries of this unit
  Spent spent;

  Standing standing() const { return world.ledger->standing(partition, plan.account, plan.session); }
  Writes writes() const { return connection->capabilities.keyed_writes ? Writes::Keyed : Writes::Unkeyed; }
};
using JobPtr = std::shared_ptr<Job>;

Result<SlotHash> slot_hash_of(const Tenant& tenant);

Result<JobPtr> prepare(const Plan& plan, const stage::Context& context, const World& world);

// Of the connection that sent the row's request, if it still serves: only that one sees surely what it made,
// since visibility differs from user to user. Without it a person must decide.
Result<tenancy::ConnectorPtr> connector_that_sent(const Job& job, const LedgerRow& row);

// Acked by Kafka, then visible.
asio::awaitable<Result<void>> record(JobPtr job, std::vector<LedgerRow> rows);

// Puts steps that have a request, all in one call, and files the answers.
asio::awaitable<void> send(JobPtr job, std::vector<std::size_t> which);

}  // namespace aftercall::crm_writer
