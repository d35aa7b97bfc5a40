#include "crm_writer/job.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "identity/pseudonym.hpp"

namespace aftercall::crm_writer {
namespace {

// Of an unkeyed create nobody knows what became of it, whatever the connector calls it.
// It is looked for after a while.
Result<crm::Written> certain(Result<crm::Written> answer, const Step& step, const Looks& looks) {
  if (answer || !step.announced) return answer;
  auto& failure = answer.error();
  if (failure.cause == Cause::Timeout || failure.cause == Cause::ServerError)
    failure.cause = Cause::Unanswered;
  if (failure.cause == Cause::Unanswered)
    failure.retry_after = std::max(failure.retry_after.value_or(looks.first), looks.first);
  return answer;
}

bool is_alias(const LedgerRow& row) { return row.same_as.has_value(); }

// An alias never takes the place of a record: two participants may have been two contacts before they were
// one, and what stands on the second would be forgotten.
void leave_records(const Job& job, std::vector<LedgerRow>& rows) {
  if (std::none_of(rows.begin(), rows.end(), is_alias)) return;
  const auto standing = job.standing();
  std::erase_if(rows, [&](const LedgerRow& row) { return is_alias(row) && standing.is_record(row.name); });
}

}  // namespace

Result<SlotHash> slot_hash_of(const Tenant& tenant) {
  auto pseudonyms = identity::Pseudonyms::under(tenant.pseudonym_key);
  if (!pseudonyms)
    return fail(Cause::SetupIncomplete, "the tenant has no pseudonym key; apply its settings again");
  // Asked for some slots again and again, and each time would cost a tenth of what deciding costs.
  return [pseudonyms = *pseudonyms,
          known = std::make_shared<std::map<std::string, std::string>>()](const std::string& slot) {
    const auto [entry, is_new] = known->try_emplace(slot);
    if (is_new) entry->second = pseudonyms.of(slot);
    return entry->second;
  };
}

Result<JobPtr> prepare(const Plan& plan, const stage::Context& context, const World& world) {
  const auto tenant = world.directory->tenant(context.envelope.tenant);
  if (!tenant) return fail(Cause::NoTenant, "no configuration of this tenant yet");
  if (tenant->paused) return fail(Cause::Paused, "the tenant is paused");
  auto hash = slot_hash_of(*tenant);
  if (!hash) return tl::unexpected(hash.error());
  auto serving =
      tenancy::serving(*world.directory, *world.connectors, tenant->id, plan.account, plan.connection);
  if (!serving) return tl::unexpected(serving.error());
  auto job = std::make_shared<Job>();
  job->plan = plan;
  job->hash = std::move(*hash);
  job->region = tenant->region;
  job->connection = serving->connection;
  job->connector = serving->connector;
  job->call = {context.deadline, context.envelope.traceparent, context.envelope.id};
  job->world = world;
  job->earlier = context.spent;
  job->partition = context.at.partition;
  job->ours = context.ours;
  return job;
}

Result<tenancy::ConnectorPtr> connector_that_sent(const Job& job, const LedgerRow& row) {
  if (row.connection == job.connection->id) return job.connector;
  const auto connection = job.world.directory->connection(job.connection->tenant, row.connection);
  if (connection && connection->status == ConnectionStatus::Connected &&
      connection->account == job.plan.account)
    return job.world.connectors->of(connection);
  return fail(Cause::NotAuthorized, "what an earlier request made is not known, and only connection " +
                                        row.connection.str() +
                                        ", which sent it, can be asked; connect it again");
}

asio::awaitable<Result<void>> record(JobPtr job, std::vector<LedgerRow> rows) {
  // The partition may be ours again by now: what this step knows is then older than what the ledger says.
  if (!*job->ours) co_return fail(Cause::Unreachable, "the partition was taken away");
  leave_records(*job, rows);
  const auto begun = std::chrono::steady_clock::now();
  const auto acked = co_await job->world.ledger->record(job->partition, job->plan.account, job->plan.session,
                                                        std::move(rows));
  job->call.deadline +=
      std::chrono::steady_clock::now() - begun;  // it bounds what the CRM takes, not our log
  co_return acked;
}

asio::awaitable<void> send(JobPtr job, std::vector<std::size_t> which) {
  std::vector<crm::Put> puts;
  puts.reserve(which.size());
  for (const auto i : which) puts.push_back(*job->done[i].step.put);
  if (puts.empty()) co_return;
  auto writes = co_await job->connector->put(std::move(puts), job->call);
  job->spent += writes.spent;
  for (std::size_t i = 0; i < which.size(); ++i) {
    auto& done = job->done[which[i]];
    done.repeated = writes.repeated;
    done.answer = i < writes.each.size()
                      ? certain(std::move(writes.each[i]), done.step, job->world.looks)
                      : certain(fail(Cause::ServerError, "the connector left a record unanswered"), done.step,
                                job->world.looks);
  }
}

}  // namespace aftercall::crm_writer
