#pragma once
#include <string>
#include <utility>

#include "crm_writer/judge.hpp"

// Small plans and rows that the writer's tests speak about.
namespace aftercall::crm_writer {

inline SlotHash plain_hash() {
  return [](const std::string& slot) { return "#" + slot; };
}

inline Artifact note_on(std::string contact, std::string slot, bool main = true) {
  Artifact artifact;
  artifact.key = "key:" + slot;
  artifact.slot = std::move(slot);
  artifact.target.record = CrmRecord{"contact", std::move(contact), "", ""};
  artifact.main = main;
  return artifact;
}

inline Revision number(std::int64_t value) { return {Revision::Kind::Number, value, instant_of(value), "h"}; }

inline Plan plan_of(std::vector<Artifact> artifacts, std::int64_t revision = 1,
                    std::string text = "<p>text</p>") {
  Plan plan;
  plan.session = {TenantId("acme"), SourceId("meetings"), SessionId("1")};
  plan.revision = number(revision);
  plan.account = CrmAccount("dynamics365:1");
  plan.contents = {{"Title", std::move(text), "https://x.example"}};
  plan.artifacts = std::move(artifacts);
  return plan;
}

// The row that a written note has.
inline LedgerRow row_of(const Plan& plan, const Artifact& artifact,
                        LedgerRow::State state = LedgerRow::State::Written) {
  LedgerRow row;
  row.name = name_of(artifact, plain_hash());
  row.key = artifact.key;
  row.state = state;
  row.crm_id = "id:" + artifact.slot;
  if (artifact.target.record) row.target = *artifact.target.record;
  row.revision = plan.revision;
  row.content_hash = content_hash_of(plan, artifact);
  return row;
}

inline Result<crm::Written> written(std::string id, crm::Written::How how = crm::Written::How::Created) {
  return crm::Written{std::move(id), "https://crm.example", how, std::nullopt};
}

}  // namespace aftercall::crm_writer
