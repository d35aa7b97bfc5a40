#include "crm_writer/stands.hpp"

#include <set>

#include "crm_writer/doubt.hpp"
#include "crm_writer/job.hpp"

namespace aftercall::crm_writer {
namespace {

using State = ArtifactState::State;

void tell(ArtifactState& state, const LedgerRow& row, const Revision& wanted) {
  state.key = row.key;
  state.target = row.target;
  state.crm_id = row.crm_id;
  state.link = row.link;
  switch (row.state) {
    case LedgerRow::State::Written:
      if (!(row.revision < wanted)) state.state = State::AlreadyThere;
      state.reason = row.revision < wanted ? "holds an earlier revision" : "";
      return;
    case LedgerRow::State::DeletedByPerson:
      state.state = State::DeletedByPerson;
      state.reason = "deleted by a person; it stays deleted";
      return;
    case LedgerRow::State::Created:
    case LedgerRow::State::InDoubt:
    case LedgerRow::State::Sent:
      if (is_in_doubt(row) || row.state == LedgerRow::State::Created) state.state = State::InDoubt;
      state.reason = doubt;
      return;
    case LedgerRow::State::Failed:
      return;
  }
}

bool is_anything(const LedgerRow* row) { return row != nullptr && row->state != LedgerRow::State::Failed; }

}  // namespace

stage::Stands stood(const Plan& plan, const Standing& standing, const SlotHash& hash) {
  stage::Stands all;
  bool any = false;
  std::set<const LedgerRow*> told;
  for (const auto& artifact : plan.artifacts) {
    ArtifactState state;
    state.key = artifact.key;
    state.kind = artifact.kind;
    state.slot_hash = hash(artifact.slot);
    state.part = artifact.part;
    state.main = artifact.main;
    state.reason = "not written yet";
    if (artifact.target.record) state.target = *artifact.target.record;
    const auto* row = standing.record_of(artifact, hash);
    if (row != nullptr && !told.insert(row).second) continue;  // another one's, too
    if (is_anything(row)) {
      tell(state, *row, plan.revision);
      all.connection = row->connection;
      any = true;
    }
    all.artifacts.push_back(std::move(state));
  }
  return any ? all : stage::Stands();
}

stage::Stands stands(const stage::Unit& unit, const Position& at, const World& world) {
  if (!unit.payload) return {};  // nobody could read its plan
  const auto& plan = unit.as<Plan>();
  const auto tenant = world.directory->tenant(plan.session.tenant);
  if (!tenant) return {};
  const auto hash = slot_hash_of(*tenant);
  if (!hash) return {};
  try {
    const auto standing = world.ledger->standing(at.partition, plan.account, plan.session);
    if (standing.unread()) return {};
    return stood(plan, standing, *hash);
  } catch (const view::DiskTrouble& trouble) {
    world.ledger->lose(trouble.failure());
    return {};
  }
}

}  // namespace aftercall::crm_writer
