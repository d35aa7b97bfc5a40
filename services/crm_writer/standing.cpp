#include "crm_writer/standing.hpp"

#include <set>

#include "crm_writer/doubt.hpp"
#include "policy/keys.hpp"

namespace aftercall::crm_writer {

LedgerName name_of(const Artifact& artifact, const SlotHash& hash) {
  return {std::string(word_of(artifact.kind)), hash(artifact.slot), artifact.part};
}

std::vector<LedgerName> alias_names_of(const Artifact& artifact, const SlotHash& hash) {
  std::vector<LedgerName> names;
  for (const auto& alias : artifact.aliases)
    names.push_back({std::string(word_of(artifact.kind)), hash(alias.slot), artifact.part});
  return names;
}

Standing::Standing(std::vector<LedgerRow> rows, std::optional<Failure> unread) : unread_(std::move(unread)) {
  for (auto& row : rows) {
    auto name = row.name;
    rows_.insert_or_assign(std::move(name), std::move(row));
  }
}

const LedgerRow* Standing::by_name(const LedgerName& name) const {
  auto found = rows_.find(name);
  if (found != rows_.end() && found->second.same_as) found = rows_.find(*found->second.same_as);
  return found == rows_.end() ? nullptr : &found->second;
}

const LedgerRow* Standing::by_target(const Artifact& artifact) const {
  if (!artifact.target.record) return nullptr;
  const auto kind = word_of(artifact.kind);
  for (const auto& [name, row] : rows_) {
    if (row.state == LedgerRow::State::Failed) continue;  // nothing hangs there
    const bool same = name.kind == kind && name.part == artifact.part && !row.same_as &&
                      row.target.type == artifact.target.record->type &&
                      row.target.id == artifact.target.record->id;
    if (same) return &row;
  }
  return nullptr;
}

const LedgerRow* Standing::record_of(const Artifact& artifact, const SlotHash& hash) const {
  if (const auto* row = by_name(name_of(artifact, hash))) return row;
  for (const auto& name : alias_names_of(artifact, hash))
    if (const auto* row = by_name(name)) return row;
  return by_target(artifact);
}

bool Standing::is_record(const LedgerName& name) const {
  const auto found = rows_.find(name);
  return found != rows_.end() && !found->second.same_as && found->second.state != LedgerRow::State::Failed;
}

std::optional<Revision> Standing::highest() const {
  std::optional<Revision> highest;
  for (const auto& [name, row] : rows_) {
    if (row.state == LedgerRow::State::Failed) continue;  // nothing of it is there
    if (!highest || *highest < row.revision) highest = row.revision;
  }
  return highest;
}

std::vector<const LedgerRow*> Standing::not_in(const Plan& plan, const SlotHash& hash) const {
  std::set<const LedgerRow*> covered;
  for (const auto& artifact : plan.artifacts) covered.insert(record_of(artifact, hash));
  std::vector<const LedgerRow*> left;
  for (const auto& [name, row] : rows_) {
    // A created contact belongs to no session: it is in a plan only while nobody else has it.
    const bool of_session = name.kind != revision_kind && name.kind != word_of(ArtifactKind::Contact);
    const bool nothing =
        row.state == LedgerRow::State::Failed || row.state == LedgerRow::State::DeletedByPerson;
    if (of_session && !row.same_as && !nothing && !covered.contains(&row)) left.push_back(&row);
  }
  return left;
}

std::vector<const LedgerRow*> Standing::abandoned(const Plan& plan, const SlotHash& hash) const {
  std::set<const LedgerRow*> covered;
  std::set<std::string> used;
  const auto use = [&](const Target& target) {
    if (target.record && target.record->type == "contact") used.insert(target.record->id);
  };
  for (const auto& artifact : plan.artifacts) {
    covered.insert(record_of(artifact, hash));
    use(artifact.target);
    for (const auto& each : artifact.beside) use(each);
  }
  std::vector<const LedgerRow*> left;
  for (const auto& [name, row] : rows_) {
    const bool begun = row.state == LedgerRow::State::Created || is_in_doubt(row);
    if (begun && !row.same_as && name.kind == word_of(ArtifactKind::Contact) && !covered.contains(&row) &&
        !used.contains(row.crm_id))
      left.push_back(&row);
  }
  return left;
}

}  // namespace aftercall::crm_writer
