#include "crm_writer/unkeyed.hpp"

#include <algorithm>
#include <utility>

#include "crm_writer/doubt.hpp"
#include "crm_writer/guard.hpp"
#include "policy/keys.hpp"

namespace aftercall::crm_writer {
namespace {

using State = LedgerRow::State;

crm::Put lost_put(const Artifact& artifact, const LedgerRow& row, const std::string& region) {
  crm::Put put;
  put.region = region;
  put.key = row.key;
  put.kind = artifact.kind;
  put.person = artifact.person;
  put.target = row.target;
  if (!row.deal.id.empty()) put.beside.push_back(row.deal);
  return put;
}

// A look that failed is no try: the doubt stays, unless the CRM or a person must be waited for.
Failure still_in_doubt(Failure failure) {
  const bool passes = failure.cause == Cause::Timeout || failure.cause == Cause::ServerError ||
                      failure.cause == Cause::Unreachable;
  if (!passes) return failure;
  return {Cause::Unanswered, std::string(doubt) + "; the look failed: " + failure.detail,
          failure.retry_after};
}

Failure until(Instant look, Instant now) { return {Cause::Unanswered, doubt, look - now}; }

// A person bears no reference of ours: it may be what we sent if it is just that and came after the sending.
bool may_be_ours(ArtifactKind kind, const crm::Recalled& recalled, const crm::Written& twin,
                 const LedgerRow& row) {
  if (kind != ArtifactKind::Contact) return true;
  const bool as_sent =
      std::find(recalled.as_sent.begin(), recalled.as_sent.end(), twin.id) != recalled.as_sent.end();
  return as_sent && twin.at && *twin.at >= looked_since(row);
}

// Several: what was made twice is one again, the first. Answers what is to be said of it.
asio::awaitable<Result<std::string>> settle_twins(JobPtr job, tenancy::ConnectorPtr connector,
                                                  ArtifactKind kind, LedgerRow row, crm::Recalled recalled) {
  const auto& found = recalled.found;
  const auto first = std::string(word_of(kind)) + " " + found.front().id;
  std::string told = "found after its answer was lost";
  for (std::size_t i = 1; i < found.size(); ++i) {
    const auto twin = std::string(word_of(kind)) + " " + found[i].id;
    std::string stays = "it may be somebody else's";
    if (may_be_ours(kind, recalled, found[i], row)) {
      const auto removed = co_await remove_twin(job, connector, kind, found[i].id);
      if (!removed) co_return tl::unexpected(removed.error());
      stays = *removed;
    }
    told += stays.empty() ? "; " + twin + ", made twice, was removed"
                          : "; " + twin + " is the same and stays (" + stays + "): merge it with " + first;
  }
  co_return told;
}

// What the look says goes into the row; the reason into `told`.
asio::awaitable<void> look(JobPtr job, std::size_t artifact, LedgerRow row) {
  const auto& wanted = job->plan.artifacts[artifact];
  auto& told = job->told[wanted.key];
  const auto now = job->world.now();
  if (now < next_look(row, job->world.looks)) {
    if (!looked_enough(row)) told.held = until(next_look(row, job->world.looks), now);
    co_return;
  }
  const bool left_out = wanted.kind == ArtifactKind::Activity && looked_enough(row);
  const auto connector = connector_that_sent(*job, row);
  if (!connector) {
    if (!left_out) told.held = connector.error();
    co_return;
  }
  const auto since =
      wanted.kind == ArtifactKind::Contact ? guarded_since(wanted.person, row) : looked_since(row);
  auto asking = (*connector)->recall(lost_put(wanted, row, job->region), since, job->call);
  const auto recalled = co_await std::move(asking);
  if (!recalled) {
    job->spent += crm::spent_in(recalled.error());
    if (!left_out) told.held = still_in_doubt(recalled.error());
    co_return;
  }
  job->spent += recalled->spent;
  if (recalled->found.empty()) {
    row = after_empty_look(std::move(row), job->world.now());
    if (!looked_enough(row))
      told.held = until(next_look(row, job->world.looks), job->world.now());
    else if (wanted.kind != ArtifactKind::Activity)
      row.state = State::Failed;  // nothing is there: it may be sent again
  } else {
    const auto reason = co_await settle_twins(job, *connector, wanted.kind, row, *recalled);
    if (!reason) {
      told.held = still_in_doubt(reason.error());
      co_return;
    }
    row = found_row(std::move(row), recalled->found.front(), job->world.now());
    told.became = ArtifactState::State::Written;
    told.reason = *reason;
  }
  const auto recorded = co_await record(job, with_aliases(wanted, std::move(row), job->hash));
  if (!recorded) told.held = recorded.error();
}

}  // namespace

bool comes_first(const Plan& plan, const Standing& standing, const SlotHash& hash) {
  return std::any_of(plan.artifacts.begin(), plan.artifacts.end(), [&](const Artifact& artifact) {
    const auto* row = standing.record_of(artifact, hash);
    if (row != nullptr && is_in_doubt(*row)) return true;
    return artifact.kind == ArtifactKind::Contact && (row == nullptr || row->state != State::Written);
  });
}

asio::awaitable<void> settle_first(JobPtr job) {
  for (std::size_t i = 0; i < job->plan.artifacts.size(); ++i) {
    if (!*job->ours) co_return;
    const auto& artifact = job->plan.artifacts[i];
    const auto standing = job->standing();
    const auto* row = standing.record_of(artifact, job->hash);
    if (row != nullptr && is_in_doubt(*row)) co_await look(job, i, *row);
    const auto told = job->told.find(artifact.key);
    const bool held = told != job->told.end() && told->second.held;
    if (artifact.kind == ArtifactKind::Contact && !held && *job->ours) co_await ensure_contact(job, i);
  }
}

void hold(const Plan& plan, const std::map<std::string, Told>& told, std::vector<Done>& done) {
  std::map<std::string, const Failure*> missing;  // contacts, by their artifact's key
  for (auto& each : done) {
    const auto& artifact = plan.artifacts[each.step.artifact];
    const auto found = told.find(artifact.key);
    if (found != told.end()) {
      if (found->second.held) {
        each.held = found->second.held;
        each.step.put.reset();
      } else if (found->second.became && !each.step.put) {
        each.step.stands = *found->second.became;
        each.step.reason = found->second.reason;
      }
    }
    if (artifact.kind == ArtifactKind::Contact && each.held) missing.emplace(artifact.key, &*each.held);
    const auto contact = missing.find(artifact.target.artifact);
    const bool hangs = !artifact.target.artifact.empty() && contact != missing.end();
    const bool there = !each.step.put && each.step.stands == ArtifactState::State::AlreadyThere;
    if (!hangs || there || each.held) continue;
    each.held = *contact->second;
    each.held->detail = "its contact: " + each.held->detail;
    each.step.put.reset();
  }
}

}  // namespace aftercall::crm_writer
