#include "crm_writer/write_unit.hpp"

#include "crm_writer/again.hpp"
#include "crm_writer/job.hpp"
#include "crm_writer/unkeyed.hpp"
#include "wire/note_ready.hpp"

namespace aftercall::crm_writer {
namespace {

constexpr const char* taken_away = "the partition was taken away";

LedgerRow sent_row(const Job& job, const Step& step, Instant now) {
  LedgerRow row;
  row.name = step.name;
  row.key = step.row_key;
  row.state = LedgerRow::State::Sent;
  row.crm_id = step.put->id;
  if (step.before) row.link = step.before->link;
  row.target = step.target;
  row.deal = step.deal;
  row.revision = job.plan.revision;
  row.content_hash = step.content_hash;
  row.connection = job.connection->id;
  row.sent_at = now;
  row.updated_at = now;
  return row;
}

// What may take effect twice or late does not go out before Kafka knows of it: after a crash, or with a new
// owner, an unkeyed create is looked for, not repeated, and after an update another revision rests.
asio::awaitable<Result<void>> announce_and_send(JobPtr job, std::vector<std::size_t> which) {
  std::vector<LedgerRow> rows;
  for (const auto i : which) {
    const auto& step = job->done[i].step;
    if (step.announced || step.put->mode == crm::Mode::Update)
      rows.push_back(sent_row(*job, step, job->world.now()));
  }
  const auto announced = co_await record(job, std::move(rows));
  if (!announced) co_return announced;
  // A new owner may have written a newer revision meanwhile, which this must not overwrite.
  if (!*job->ours) co_return fail(Cause::Unreachable, taken_away);
  co_await send(job, std::move(which));
  if (!*job->ours) co_return fail(Cause::Unreachable, taken_away);
  co_return Result<void>();
}

asio::awaitable<Result<void>> send_again(JobPtr job) {
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
    job->spent += description ? description->spent : crm::spent_in(description.error());
    for (std::size_t i = 0; i < job->done.size(); ++i) {
      if (!needs_cut(job->done[i])) continue;
      if (!description) {  // how long it may be is not known now, which is no refusal of what it says
        job->done[i].held = description.error();
        continue;
      }
      job->done[i].step = with_cut(job->done[i], description->capabilities);
      repeated.push_back(i);
    }
  }
  const auto sent = co_await announce_and_send(job, std::move(repeated));
  co_return sent;
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
  failed.if_given_up = std::move(unfinished.if_given_up);
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

Failure resting(const Rest& rest) {
  return {Cause::Paced, "an update got no answer; another revision waits until it is settled",
          rest.remaining};
}

stage::Outcome failed(const Job& job, Failure failure) {
  return stage::Failed{.failure = std::move(failure), .spent = job.spent};
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

namespace {

asio::awaitable<stage::Outcome> decide_and_write(stage::Unit unit, stage::Context context, World world) {
  const auto& plan = unit.as<Plan>();  // owned by `unit`, which lives in this frame
  const auto prepared = prepare(plan, context, world);
  if (!prepared) co_return stage::Failed{prepared.error()};
  const JobPtr job = *prepared;

  auto standing = job->standing();
  if (standing.unread()) co_return stage::Failed{*standing.unread()};
  const auto highest = standing.highest();
  auto decision = decide(plan, standing, job->hash, world.now(), job->writes(), world.looks.first);
  const bool unkeyed = job->writes() == Writes::Unkeyed && comes_first(plan, standing, job->hash);
  if (unkeyed && context.effects && std::holds_alternative<Work>(decision)) {
    co_await settle_first(job);
    if (!*job->ours) co_return failed(*job, {Cause::Unreachable, taken_away});
    // What the looks found, and the contacts created, stand in the ledger now; what is left follows from it.
    standing = job->standing();
    decision = decide(plan, standing, job->hash, world.now(), job->writes(), world.looks.first);
  }
  if (const auto* other = std::get_if<Superseded>(&decision))
    co_return stage::Settle{superseded(plan, other->by, job->earlier + job->spent)};
  if (const auto* rest = std::get_if<Rest>(&decision)) co_return failed(*job, resting(*rest));
  auto& work = std::get<Work>(decision);
  for (auto& step : work.steps) job->done.push_back({std::move(step)});
  if (!context.effects) co_return untouched(*job, std::move(work.left_out));
  hold(plan, job->told, job->done);

  const auto sent = co_await announce_and_send(job, with_requests(job->done));
  if (!sent) co_return failed(*job, sent.error());
  const auto again = co_await send_again(job);
  if (!again) co_return failed(*job, again.error());
  say_what_to_do(plan, job->done);
  follow_contacts(job->plan, job->done);

  // From when the answer failed to come, not from when it was asked for: the rest after it begins here.
  const auto answered = world.now();
  auto rows = rows_of(plan, job->done, job->hash, job->connection->id, answered);
  if (highest != plan.revision && left_traces(job->done)) rows.push_back(revision_row(plan, answered));
  const auto recorded = co_await record(job, std::move(rows));
  if (!recorded) co_return failed(*job, recorded.error());
  co_return outcome_of(judge(plan, job->done, std::move(work.left_out), job->hash, job->connection->id,
                             job->earlier + job->spent),
                       *job);
}

}  // namespace

asio::awaitable<stage::Outcome> write_unit(stage::Unit unit, stage::Context context, World world) {
  Failure failure;
  try {
    auto outcome = co_await decide_and_write(std::move(unit), std::move(context), world);
    co_return outcome;
  } catch (const view::DiskTrouble& trouble) {
    failure = trouble.failure();
  }
  world.ledger->lose(failure);
  co_return stage::Failed{failure};
}

}  // namespace aftercall::crm_writer
