#include "crm_writer/guard.hpp"

#include <algorithm>
#include <utility>

namespace aftercall::crm_writer {
namespace {

using namespace std::chrono_literals;
using State = LedgerRow::State;

constexpr auto slack = 10min;
constexpr auto list_lags = 5s;

crm::Put put_of(const Artifact& artifact, const std::string& region) {
  crm::Put put;
  put.region = region;
  put.kind = ArtifactKind::Contact;
  put.key = artifact.key;
  put.person = artifact.person;
  return put;
}

LedgerRow new_row(const Job& job, const Artifact& artifact, Instant now) {
  LedgerRow row;
  row.name = name_of(artifact, job.hash);
  row.key = artifact.key;
  row.revision = job.plan.revision;
  row.content_hash = content_hash_of(job.plan, artifact);
  row.connection = job.connection->id;
  row.updated_at = now;
  return row;
}

// Ours is looked at by itself only after a while: a list may show what is new a little late.
asio::awaitable<Result<crm::Recalled>> listed(JobPtr job, tenancy::ConnectorPtr connector,
                                              std::size_t artifact, LedgerRow row) {
  const auto& wanted = job->plan.artifacts[artifact];
  auto put = put_of(wanted, job->region);
  if (job->world.now() - row.sent_at.value_or(row.updated_at) >= job->world.looks.first) put.id = row.crm_id;
  auto asking = connector->recall(std::move(put), guarded_since(wanted.person, row), job->call);
  auto recalled = co_await std::move(asking);
  job->spent += recalled ? recalled->spent : crm::spent_in(recalled.error());
  co_return recalled;
}

asio::awaitable<Result<void>> keep(JobPtr job, std::size_t artifact, LedgerRow row) {
  auto rows = with_aliases(job->plan.artifacts[artifact], std::move(row), job->hash);
  const auto acked = co_await record(job, std::move(rows));
  if (acked && !*job->ours) co_return fail(Cause::Unreachable, "the partition was taken away");
  co_return acked;
}

// Ours is gone, and nobody else has come to have its identity.
asio::awaitable<Result<Told>> let_go(JobPtr job, std::size_t artifact, LedgerRow row) {
  Told told;
  told.became = ArtifactState::State::DeletedByPerson;
  told.reason = "person " + row.crm_id +
                ", whom this session created, is not there any more: deleted, or hidden from us";
  row.state = State::DeletedByPerson;
  row.updated_at = job->world.now();
  const auto kept = co_await keep(job, artifact, std::move(row));
  if (!kept) co_return tl::unexpected(kept.error());
  co_return told;
}

// What is told of a person of ours in whose place another serves. `stays`: why it could not be removed.
std::string twin_told(const std::string& ours, bool gone, const std::string& stays) {
  if (gone)
    return "person " + ours + ", whom this session created, was merged or deleted by a person meanwhile";
  const auto twin = "somebody else created the same person meanwhile; ours, person " + ours + ", ";
  return stays.empty() ? twin + "is there no more" : twin + "stays (" + stays + "): merge the two";
}

// The row says `created`: whoever is first among those with this identity is the person.
asio::awaitable<Result<Told>> confirm(JobPtr job, std::size_t artifact, LedgerRow row) {
  const auto ours = row.crm_id;
  const auto connector = connector_that_sent(*job, row);
  if (!connector) co_return tl::unexpected(connector.error());
  const auto found = co_await listed(job, *connector, artifact, row);
  if (!found) co_return tl::unexpected(found.error());
  if (found->found.empty() && found->gone) {
    auto told = co_await let_go(job, artifact, std::move(row));
    co_return told;
  }
  if (found->found.empty())
    co_return fail(Cause::ServerError, "the CRM does not list the person yet that was just created",
                   list_lags);
  const auto first = found->found.front();
  const bool twin = first.id != ours;
  std::string stays;
  if (twin && !found->gone) {  // also when ours is not in the list: it may show what is new a little late
    const auto removed = co_await remove_twin(job, *connector, ArtifactKind::Contact, ours);
    if (!removed) co_return tl::unexpected(removed.error());
    stays = *removed;
  }
  const auto kept = co_await keep(job, artifact, found_row(std::move(row), first, job->world.now()));
  if (!kept) co_return tl::unexpected(kept.error());
  Told told;
  told.became = twin ? ArtifactState::State::AlreadyThere : ArtifactState::State::Written;
  if (twin) told.reason = twin_told(ours, found->gone, stays);
  co_return told;
}

// What the row says after the create; why it is not `created`, if so.
std::optional<Failure> take(LedgerRow& row, const crm::Writes& writes, Instant now) {
  row.updated_at = now;
  if (!writes.each.empty() && writes.each.front()) {
    row.state = State::Created;
    row.crm_id = writes.each.front()->id;
    row.link = writes.each.front()->link;
    return std::nullopt;
  }
  Failure failure{Cause::Unanswered, "the connector left a record unanswered"};
  if (!writes.each.empty()) failure = writes.each.front().error();
  if (failure.cause == Cause::Timeout || failure.cause == Cause::ServerError)
    failure.cause = Cause::Unanswered;
  row.state = kind_of(failure.cause) == Kind::InDoubt ? State::InDoubt : State::Failed;
  row.sent_at = now;
  return failure;
}

// Somebody with this identity is there, and serves.
asio::awaitable<Result<Told>> adopt(JobPtr job, std::size_t artifact, LedgerRow row) {
  const auto kept = co_await keep(job, artifact, std::move(row));
  if (!kept) co_return tl::unexpected(kept.error());
  Told told;
  told.became = ArtifactState::State::AlreadyThere;
  told.reason = "was added to the CRM meanwhile";
  co_return told;
}

// Nothing of ours is there.
asio::awaitable<Result<Told>> create(JobPtr job, std::size_t artifact) {
  const auto& wanted = job->plan.artifacts[artifact];
  auto row = new_row(*job, wanted, job->world.now());
  const auto found = co_await listed(job, job->connector, artifact, row);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->found.empty()) {
    auto adopting = adopt(job, artifact, found_row(std::move(row), found->found.front(), job->world.now()));
    auto told = co_await std::move(adopting);
    co_return told;
  }
  row.state = State::Sent;
  row.sent_at = job->world.now();
  const auto announced = co_await keep(job, artifact, row);
  if (!announced) co_return tl::unexpected(announced.error());
  std::vector<crm::Put> puts(1, put_of(wanted, job->region));
  auto writes = co_await job->connector->put(std::move(puts), job->call);
  job->spent += writes.spent;
  if (!*job->ours) co_return fail(Cause::Unreachable, "the partition was taken away");
  const auto failure = take(row, writes, job->world.now());
  const auto kept = co_await keep(job, artifact, row);
  if (!kept) co_return tl::unexpected(kept.error());
  if (failure) co_return tl::unexpected(*failure);
  const auto told = co_await confirm(job, artifact, std::move(row));
  co_return told;
}

}  // namespace

Instant guarded_since(const Person& person, const LedgerRow& row) {
  const auto sent = row.sent_at.value_or(row.updated_at);
  return (person.looked_at == Instant{} ? sent : std::min(sent, person.looked_at)) - slack;
}

asio::awaitable<Result<std::string>> remove_twin(JobPtr job, tenancy::ConnectorPtr connector,
                                                 ArtifactKind kind, std::string id) {
  if (!*job->ours) co_return fail(Cause::Unreachable, "the partition was taken away");
  auto removing = connector->remove(kind, std::move(id), job->call);
  const auto removed = co_await std::move(removing);
  job->spent += removed ? *removed : crm::spent_in(removed.error());
  if (removed) co_return std::string();
  const auto& failure = removed.error();
  if (failure.cause != Cause::Rejected && failure.cause != Cause::NotPermitted)
    co_return tl::unexpected(failure);
  co_return failure.detail;
}

LedgerRow found_row(LedgerRow row, const crm::Written& found, Instant now) {
  row.state = State::Written;
  row.crm_id = found.id;
  row.link = found.link;
  if (!found.without.empty()) {
    row.deal = CrmRecord();
    row.content_hash.clear();
  }
  row.empty_looks = 0;
  row.last_look.reset();
  row.updated_at = now;
  return row;
}

asio::awaitable<void> ensure_contact(JobPtr job, std::size_t artifact) {
  const auto& wanted = job->plan.artifacts[artifact];
  const auto standing = job->standing();
  const auto* found = standing.record_of(wanted, job->hash);
  const auto state = found == nullptr ? State::Failed : found->state;
  if (state == State::Written || state == State::DeletedByPerson) co_return;
  auto doing = state == State::Created ? confirm(job, artifact, *found) : create(job, artifact);
  auto told = co_await std::move(doing);
  if (told)
    job->told[wanted.key] = std::move(*told);
  else
    job->told[wanted.key].held = told.error();
}

}  // namespace aftercall::crm_writer
