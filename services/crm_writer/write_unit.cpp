#include "crm_writer/write_unit.hpp"

#include "crm_writer/again.hpp"
#include "crm_writer/decide.hpp"
#include "crm_writer/judge.hpp"
#include "identity/pseudonym.hpp"
#include "wire/note_ready.hpp"

namespace aftercall::crm_writer {
namespace {

// Everything that one unit's write needs, in one place that outlives its coroutine's waits.
struct Job {
  Plan plan;
  SlotHash hash;
  tenancy::ConnectionPtr connection;
  tenancy::ConnectorPtr connector;
  crm::Call call;
  std::vector<Done> done;
  Spent spent;
};
using JobPtr = std::shared_ptr<Job>;

Result<JobPtr> prepare(const Plan& plan, const stage::Context& context, const World& world) {
  const auto tenant = world.directory->tenant(context.envelope.tenant);
  if (!tenant) return fail(Cause::NoTenant, "no configuration of this tenant yet");
  if (tenant->paused) return fail(Cause::Paused, "the tenant is paused");
  auto pseudonyms = identity::Pseudonyms::under(tenant->pseudonym_key);
  if (!pseudonyms)
    return fail(Cause::SetupIncomplete, "the tenant has no pseudonym key; apply its settings again");
  auto serving =
      tenancy::serving(*world.directory, *world.connectors, tenant->id, plan.account, plan.connection);
  if (!serving) return tl::unexpected(serving.error());
  auto job = std::make_shared<Job>();
  job->plan = plan;
  job->hash = [pseudonyms = *pseudonyms](const std::string& slot) { return pseudonyms.of(slot); };
  job->connection = serving->connection;
  job->connector = serving->connector;
  job->call = {context.deadline, context.envelope.traceparent, context.envelope.id};
  return job;
}

// Sends the steps that have a request, all in one call, and files the answers.
asio::awaitable<void> send(JobPtr job, std::vector<std::size_t> which) {
  std::vector<crm::Put> puts;
  for (const auto i : which) puts.push_back(*job->done[i].step.put);
  if (puts.empty()) co_return;
  auto writes = co_await job->connector->put(std::move(puts), job->call);
  job->spent += writes.spent;
  for (const auto i : which) job->done[i].repeated = writes.repeated;
  for (std::size_t i = 0; i < which.size(); ++i)
    job->done[which[i]].answer = i < writes.each.size()
                                     ? std::move(writes.each[i])
                                     : fail(Cause::ServerError, "the connector left a record unanswered");
}

// Unkeyed creates may not go out before Kafka knows of them: after a crash they are looked for, not repeated.
std::vector<LedgerRow> sent_rows(const Job& job, Instant now) {
  std::vector<LedgerRow> rows;
  if (job.connection->capabilities.keyed_writes) return rows;
  for (const auto& done : job.done) {
    if (!done.step.put || done.step.put->mode != crm::Mode::Create) continue;
    LedgerRow row;
    row.name = done.step.name;
    row.key = done.step.row_key;
    row.state = LedgerRow::State::Sent;
    row.target = done.step.target;
    row.revision = job.plan.revision;
    row.content_hash = done.step.content_hash;
    row.connection = job.connection->id;
    row.sent_at = now;
    row.updated_at = now;
    rows.push_back(std::move(row));
  }
  return rows;
}

asio::awaitable<void> send_again(JobPtr job, std::shared_ptr<const bool> ours) {
  std::vector<std::size_t> repeated;
  bool cut = false;
  for (std::size_t i = 0; i < job->done.size(); ++i) {
    if (needs_cut(job->done[i])) cut = true;
    if (!needs_content(job->plan, job->done[i])) continue;
    job->done[i].step = with_content(job->done[i]);
    repeated.push_back(i);
  }
  if (cut) {
    const auto description = co_await job->connector->describe(job->call);
    for (std::size_t i = 0; description && i < job->done.size(); ++i) {
      if (!needs_cut(job->done[i])) continue;
      job->done[i].step = with_cut(job->done[i], description->capabilities);
      repeated.push_back(i);
    }
  }
  // A new owner may have written a newer revision meanwhile, which this must not overwrite.
  if (!*ours) co_return;
  co_await send(job, std::move(repeated));
}

std::vector<std::size_t> with_requests(const std::vector<Done>& done) {
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < done.size(); ++i)
    if (done[i].step.put) which.push_back(i);
  return which;
}

stage::Outcome outcome_of(Ending ending, const Job& job) {
  if (auto* settled = std::get_if<Settled>(&ending)) return stage::Settle{std::move(*settled)};
  auto& unfinished = std::get<Unfinished>(ending);
  stage::Failed failed;
  failed.failure = std::move(unfinished.failure);
  failed.artifacts = std::move(unfinished.artifacts);
  failed.connection = job.connection->id;
  failed.spent = job.spent;
  return failed;
}

// A dry run's story: what would have been put.
stage::Outcome untouched(const Job& job, std::vector<LeftOut> left_out) {
  auto done = job.done;
  bool puts = false;
  for (auto& each : done) {
    if (!each.step.put) continue;
    puts = true;
    const auto& put = *each.step.put;
    each.step.stands = ArtifactState::State::Waiting;
    each.step.reason = put.mode == crm::Mode::Create ? "would be created: " : "would be updated: ";
    each.step.reason += put.kind == ArtifactKind::Contact ? put.person.name : put.content.title;
  }
  auto ending = judge(job.plan, done, std::move(left_out), job.hash, job.connection->id, {});
  if (auto* settled = std::get_if<Settled>(&ending); settled != nullptr && puts)
    settled->reason = "would be written";
  return outcome_of(std::move(ending), job);
}

stage::Outcome resting(const Rest& rest) {
  return stage::Failed{.failure = {Cause::Paced,
                                   "an update got no answer; another revision waits until it is settled",
                                   rest.remaining}};
}

}  // namespace

Result<std::vector<stage::Unit>> split(const Record& record, const wire::Envelope& envelope,
                                       const tenancy::Directory& directory) {
  wire::v1::NoteReady message;
  if (!record.value || !message.ParseFromString(*record.value))
    return fail(Cause::Malformed, "the value is no note.ready");
  auto plan = wire::plan_of(message);
  if (!plan) return tl::unexpected(plan.error());
  if (plan->session.tenant != envelope.tenant)
    return fail(Cause::Malformed, "the plan's tenant is not the envelope's");
  if (!directory.tenant(envelope.tenant)) return fail(Cause::NoTenant, "no configuration of this tenant yet");
  std::vector<stage::Unit> units;
  stage::Unit unit{plan->account, plan->session, plan->revision, nullptr};
  unit.payload = std::make_shared<const Plan>(std::move(*plan));
  units.push_back(std::move(unit));
  return units;
}

asio::awaitable<stage::Outcome> write_unit(stage::Unit unit, stage::Context context, World world) {
  const auto& plan = unit.as<Plan>();  // owned by `unit`, which lives in this frame
  const auto prepared = prepare(plan, context, world);
  if (!prepared) co_return stage::Failed{prepared.error()};
  const JobPtr job = *prepared;
  const int partition = context.at.partition;
  const auto now = world.now();

  const auto standing = world.ledger->standing(partition, plan.account, plan.session);
  auto decision = decide(plan, standing, job->hash, now);
  if (const auto* other = std::get_if<Superseded>(&decision))
    co_return stage::Settle{superseded(plan, other->by)};
  if (const auto* rest = std::get_if<Rest>(&decision)) co_return resting(*rest);
  auto& work = std::get<Work>(decision);
  for (auto& step : work.steps) job->done.push_back({std::move(step), std::nullopt});
  if (!context.effects) co_return untouched(*job, std::move(work.left_out));

  const auto announced =
      co_await world.ledger->record(partition, plan.account, plan.session, sent_rows(*job, now));
  if (!announced) co_return stage::Failed{announced.error()};
  if (!*context.ours) co_return stage::Failed{{Cause::Unreachable, "the partition was taken away"}};
  co_await send(job, with_requests(job->done));
  if (!*context.ours) co_return stage::Failed{{Cause::Unreachable, "the partition was taken away"}};
  co_await send_again(job, context.ours);
  if (!*context.ours) co_return stage::Failed{{Cause::Unreachable, "the partition was taken away"}};
  follow_contacts(job->plan, job->done);

  // From when the answer failed to come, not from when it was asked for: the rest after it begins here.
  const auto answered = world.now();
  auto rows = rows_of(plan, job->done, job->hash, job->connection->id, answered);
  if (standing.highest() != plan.revision && left_traces(job->done))
    rows.push_back(revision_row(plan, answered));
  const auto recorded = co_await world.ledger->record(partition, plan.account, plan.session, std::move(rows));
  if (!recorded) co_return stage::Failed{recorded.error()};
  co_return outcome_of(
      judge(plan, job->done, std::move(work.left_out), job->hash, job->connection->id, job->spent), *job);
}

}  // namespace aftercall::crm_writer
