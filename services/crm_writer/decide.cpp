#include "crm_writer/decide.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "crm_writer/doubt.hpp"
#include "crm_writer/place.hpp"
#include "policy/digest.hpp"
#include "policy/keys.hpp"

namespace aftercall::crm_writer {
namespace {

using State = LedgerRow::State;

// Contacts that this plan creates. Their id is what the row says, or will be their key where writes are
// keyed.
Contacts contacts_of(const Plan& plan, const Standing& standing, const SlotHash& hash, Writes writes) {
  Contacts contacts;
  for (const auto& artifact : plan.artifacts) {
    if (artifact.kind != ArtifactKind::Contact) continue;
    const auto* row = standing.record_of(artifact, hash);
    const bool known = row != nullptr && !row->crm_id.empty();
    const bool written = known && row->state == State::Written;
    contacts[artifact.key] = {{"contact", known ? row->crm_id : artifact.key, artifact.person.name,
                               known ? row->link : std::string()},
                              written || writes == Writes::Keyed};
  }
  return contacts;
}

crm::Put put_of(const Plan& plan, const Artifact& artifact, const Step& step) {
  crm::Put put;
  put.key = step.row_key;
  put.kind = artifact.kind;
  put.target = step.target;
  put.beside = step.beside;
  if (step.linked)  // once is enough: a person may have moved it since
    std::erase_if(put.beside, [](const CrmRecord& each) { return each.type == "deal"; });
  put.person = artifact.person;
  put.occasion = artifact.occasion;
  if (artifact.kind != ArtifactKind::Contact) put.content = plan.contents[artifact.content];
  return put;
}

void stand(Step& step, const LedgerRow& row, ArtifactState::State state, std::string reason) {
  step.stands = state;
  step.reason = std::move(reason);
  step.crm_id = row.crm_id;
  step.link = row.link;
}

// Two activities would be worse than none: what cannot be found out is not sent again.
bool unresolved(const Artifact& artifact, const LedgerRow& row) {
  return artifact.kind == ArtifactKind::Activity && looked_enough(row);
}

// A record that holds all this and is linked to no deal was refused the link.
void tell_no_deal(Step& step, const LedgerRow& row) {
  if (step.deal.id.empty() || !row.deal.id.empty()) return;
  std::erase_if(step.beside, [](const CrmRecord& each) { return each.type == "deal"; });
  step.kept +=
      std::string(step.kept.empty() ? "" : "; ") + "the link to deal " + step.deal.id + " was refused";
  step.deal = CrmRecord();
}

// The row is the record. A contact, once it is there, is the CRM users' own: we never change it.
void follow(Step& step, const Plan& plan, const Artifact& artifact, const LedgerRow& row) {
  step.name = row.name;
  step.row_key = row.key;
  step.before = row;
  if (unresolved(artifact, row))
    return stand(step, row, ArtifactState::State::LeftOut,
                 "whether an earlier request made it cannot be found out; it is not sent a second time");
  if (is_in_doubt(row)) return stand(step, row, ArtifactState::State::InDoubt, doubt);
  switch (row.state) {
    case State::DeletedByPerson:
      return stand(step, row, ArtifactState::State::DeletedByPerson, "deleted by a person; it stays deleted");
    case State::Created:
      return stand(step, row, ArtifactState::State::InDoubt,
                   "it was created; whether somebody else did so too is looked up first");
    case State::Written:
      if (artifact.kind == ArtifactKind::Contact || row.content_hash == step.content_hash) {
        tell_no_deal(step, row);
        return stand(step, row, ArtifactState::State::AlreadyThere, step.kept);
      }
      break;
    case State::InDoubt:
    case State::Sent:
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

// Two participants of this plan may have one record: what was written first for one of them hangs on what the
// other one matches now. It is put once and told once, and whoever wanted another place is told of.
void leave_to_other(Work& work, const Artifact& artifact, const Place& place) {
  if (!place.kept.empty() && artifact.target.record)
    work.left_out.push_back({std::string(word_of(artifact.kind)) + " on " + artifact.target.record->type +
                                 " " + artifact.target.record->id,
                             place.kept});
}

std::chrono::milliseconds unrested(const LedgerRow& row, const std::string& content_hash, Instant now,
                                   std::chrono::milliseconds rest) {
  const bool update = (row.state == State::Sent && !is_in_doubt(row)) || row.state == State::Written;
  if (!update || row.content_hash == content_hash || !row.sent_at) return {};
  const auto until = *row.sent_at + rest;
  return until > now ? until - now : std::chrono::milliseconds(0);
}

// This plan has no such slot any more, so that nobody looks whether a lost request made it, nor puts it
// again.
LeftOut left_as_it_is(const LedgerRow& row) {
  LeftOut left{row.name.kind + " on " + row.target.type + " " + row.target.id,
               "no longer part of the session; "};
  if (is_in_doubt(row))
    left.reason += "an earlier revision's request to create it got no answer: it may be there";
  else if (row.state == State::Sent)
    left.reason += "the record is left as it is; which revision it holds is not known";
  else
    left.reason += "the record is left as it is";
  return left;
}

// Nothing that is empty now shows that nobody is about to use it, so that it is named and left to people.
LeftOut may_be_a_twin(const LedgerRow& row) {
  if (row.crm_id.empty())
    return {"contact",
            "an earlier revision's request to create one got no answer: it may be there a second time"};
  return {"contact " + row.crm_id,
          "created for an earlier revision, and nothing of this one is on it; if the CRM has that person "
          "already, merge the two"};
}

}  // namespace

std::string content_hash_of(const Plan& plan, const Artifact& artifact,
                            const std::vector<CrmRecord>& beside) {
  if (artifact.kind == ArtifactKind::Contact)
    return sha256_hex(length_prefixed({artifact.person.name, artifact.person.email, artifact.person.phone}));
  const auto& content = plan.contents[artifact.content];
  auto all = length_prefixed({content.title, content.html});
  if (const auto& occasion = artifact.occasion; artifact.kind == ArtifactKind::Activity)
    all +=
        length_prefixed({occasion.type,
                         // Later each time that the same session comes again.
                         occasion.assumed ? std::string() : std::to_string(milliseconds_of(occasion.start)),
                         std::to_string(occasion.duration.count())});
  std::set<std::string> others;  // in whatever order the plan names them
  for (const auto& each : beside) others.insert(length_prefixed({each.type, each.id}));
  for (const auto& each : others) all += each;
  return sha256_hex(all);
}

Decision decide(const Plan& plan, const Standing& standing, const SlotHash& hash, Instant now, Writes writes,
                std::chrono::milliseconds rest) {
  const auto highest = standing.highest();
  if (highest && plan.revision < *highest) return Superseded{*highest};
  const auto contacts = contacts_of(plan, standing, hash, writes);
  Work work;
  std::chrono::milliseconds remaining{0};
  std::set<const LedgerRow*> taken;
  for (std::size_t i = 0; i < plan.artifacts.size(); ++i) {
    const auto& artifact = plan.artifacts[i];
    const auto* row = standing.record_of(artifact, hash);
    Step step;
    step.artifact = i;
    step.name = name_of(artifact, hash);
    step.row_key = artifact.key;
    auto place = place_of(artifact, contacts, row);
    if (row != nullptr && !taken.insert(row).second) {
      leave_to_other(work, artifact, place);
      continue;
    }
    step.target = std::move(place.target);
    step.beside = std::move(place.beside);
    step.deal = std::move(place.deal);
    step.linked = place.linked;
    step.kept = std::move(place.kept);
    step.content_hash = content_hash_of(plan, artifact, step.beside);
    if (row != nullptr) {
      remaining = std::max(remaining, unrested(*row, step.content_hash, now, rest));
      follow(step, plan, artifact, *row);
    } else {
      step.put = put_of(plan, artifact, step);
    }
    step.announced = writes == Writes::Unkeyed && step.put && step.put->mode == crm::Mode::Create;
    work.steps.push_back(std::move(step));
  }
  if (remaining.count() > 0) return Rest{remaining};
  stand_with_contacts(plan, work.steps);
  for (const auto* row : standing.not_in(plan, hash)) work.left_out.push_back(left_as_it_is(*row));
  if (writes == Writes::Unkeyed)
    for (const auto* row : standing.abandoned(plan, hash)) work.left_out.push_back(may_be_a_twin(*row));
  return work;
}

}  // namespace aftercall::crm_writer
