#include "crm_writer/decide.hpp"

#include <map>

#include "policy/digest.hpp"

namespace aftercall::crm_writer {
namespace {

using State = LedgerRow::State;

// Contacts that this plan creates, by their artifact's key: their id in the CRM is that key, or what the row
// says.
std::map<std::string, CrmRecord> contacts_of(const Plan& plan, const Standing& standing,
                                             const SlotHash& hash) {
  std::map<std::string, CrmRecord> contacts;
  for (const auto& artifact : plan.artifacts) {
    if (artifact.kind != ArtifactKind::Contact) continue;
    const auto* row = standing.record_of(artifact, hash);
    const bool known = row != nullptr && !row->crm_id.empty();
    contacts[artifact.key] = {"contact", known ? row->crm_id : artifact.key, artifact.person.name,
                              known ? row->link : std::string()};
  }
  return contacts;
}

crm::Put put_of(const Plan& plan, const Artifact& artifact, const Step& step) {
  crm::Put put;
  put.key = step.row_key;
  put.kind = artifact.kind;
  put.target = step.target;
  put.person = artifact.person;
  if (artifact.kind == ArtifactKind::Note) put.content = plan.contents[artifact.content];
  return put;
}

void stand(Step& step, const LedgerRow& row, ArtifactState::State state, std::string reason) {
  step.stands = state;
  step.reason = std::move(reason);
  step.crm_id = row.crm_id;
  step.link = row.link;
}

// The row is the record. A contact, once it is there, is the CRM users' own: we never change it.
void follow(Step& step, const Plan& plan, const Artifact& artifact, const LedgerRow& row) {
  step.name = row.name;
  step.row_key = row.key;
  step.unanswered_at = row.sent_at;
  if (!row.target.id.empty() && (row.target.type != step.target.type || row.target.id != step.target.id)) {
    step.kept = "the " + row.target.type + " chosen first stays; the match now is another one";
    step.target = row.target;
  }
  switch (row.state) {
    case State::DeletedByPerson:
      return stand(step, row, ArtifactState::State::DeletedByPerson, "deleted by a person; it stays deleted");
    case State::InDoubt:
    case State::Created:
      return stand(step, row, ArtifactState::State::InDoubt,
                   "an earlier request got no answer; it is looked up first");
    case State::Written:
      if (artifact.kind == ArtifactKind::Contact || row.content_hash == step.content_hash)
        return stand(step, row, ArtifactState::State::AlreadyThere, step.kept);
      break;
    case State::Sent:
      if (row.crm_id.empty())  // an unkeyed create: nobody knows whether it is there
        return stand(step, row, ArtifactState::State::InDoubt,
                     "an earlier request got no answer; it is looked up first");
      break;
    case State::Failed:
      break;
  }
  step.put = put_of(plan, artifact, step);
  if (!row.crm_id.empty()) {
    step.put->mode = crm::Mode::Update;
    step.put->id = row.crm_id;
  }
}

// A note on a contact of this plan that is in doubt, or that a person deleted, is not put and stands as the
// contact does.
void stand_with_contacts(const Plan& plan, std::vector<Step>& steps) {
  std::map<std::string, const Step*> fallen;
  for (auto& step : steps) {
    const auto& artifact = plan.artifacts[step.artifact];
    const bool stands = !step.put && step.stands != ArtifactState::State::AlreadyThere;
    if (artifact.kind == ArtifactKind::Contact && stands) fallen.emplace(artifact.key, &step);
    const auto contact = fallen.find(artifact.target.artifact);
    if (artifact.target.artifact.empty() || contact == fallen.end() || !step.put) continue;
    step.put.reset();
    step.stands = contact->second->stands;
    step.reason = "its contact: " + contact->second->reason;
  }
}

std::chrono::milliseconds unrested(const LedgerRow& row, const std::string& content_hash, Instant now) {
  const bool sent = row.state == State::Sent || row.state == State::Written;
  if (!sent || row.content_hash == content_hash || !row.sent_at) return {};
  const auto until = *row.sent_at + rest_after_unanswered_update;
  return until > now ? until - now : std::chrono::milliseconds(0);
}

}  // namespace

std::string content_hash_of(const Plan& plan, const Artifact& artifact) {
  if (artifact.kind == ArtifactKind::Contact)
    return sha256_hex(length_prefixed({artifact.person.name, artifact.person.email, artifact.person.phone}));
  const auto& content = plan.contents[artifact.content];
  return sha256_hex(length_prefixed({content.title, content.html}));
}

Decision decide(const Plan& plan, const Standing& standing, const SlotHash& hash, Instant now) {
  const auto highest = standing.highest();
  if (highest && plan.revision < *highest) return Superseded{*highest};
  const auto contacts = contacts_of(plan, standing, hash);
  Work work;
  std::chrono::milliseconds rest{0};
  for (std::size_t i = 0; i < plan.artifacts.size(); ++i) {
    const auto& artifact = plan.artifacts[i];
    Step step;
    step.artifact = i;
    step.name = name_of(artifact, hash);
    step.row_key = artifact.key;
    step.content_hash = content_hash_of(plan, artifact);
    if (artifact.target.record)
      step.target = *artifact.target.record;
    else if (const auto contact = contacts.find(artifact.target.artifact); contact != contacts.end())
      step.target = contact->second;
    if (const auto* row = standing.record_of(artifact, hash)) {
      rest = std::max(rest, unrested(*row, step.content_hash, now));
      follow(step, plan, artifact, *row);
    } else {
      step.put = put_of(plan, artifact, step);
    }
    work.steps.push_back(std::move(step));
  }
  if (rest.count() > 0) return Rest{rest};
  stand_with_contacts(plan, work.steps);
  for (const auto* row : standing.not_in(plan, hash))
    work.left_out.push_back({row->name.kind + " on " + row->target.type + " " + row->target.id,
                             "no longer part of the session; the record is left as it is"});
  return work;
}

}  // namespace aftercall::crm_writer
