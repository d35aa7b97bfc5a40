#include "crm_writer/place.hpp"

#include <algorithm>

namespace aftercall::crm_writer {
namespace {

bool same_record(const CrmRecord& a, const CrmRecord& b) { return a.type == b.type && a.id == b.id; }

CrmRecord wanted_target(const Artifact& artifact, const Contacts& contacts) {
  if (artifact.target.record) return *artifact.target.record;
  const auto contact = contacts.find(artifact.target.artifact);
  return contact == contacts.end() ? CrmRecord() : contact->second.record;
}

class Beside {
 public:
  Beside(const Contacts& contacts, const CrmRecord& target) : contacts_(contacts), target_(target) {}

  // Each once, and not what it hangs on anyway. A contact that is not there yet is added once it is.
  void add(const Target& wanted) {
    if (wanted.record) return add(*wanted.record);
    const auto contact = contacts_.find(wanted.artifact);
    if (contact != contacts_.end() && contact->second.there) add(contact->second.record);
  }
  std::vector<CrmRecord> all() { return std::move(all_); }

 private:
  void add(const CrmRecord& record) {
    const auto same = [&](const CrmRecord& each) { return same_record(each, record); };
    if (!same(target_) && std::none_of(all_.begin(), all_.end(), same)) all_.push_back(record);
  }

  const Contacts& contacts_;
  const CrmRecord& target_;
  std::vector<CrmRecord> all_;
};

bool is_deal(const Target& target) { return target.record && target.record->type == "deal"; }

// The deal linked first stays: people may have moved the record since, and a later match is no better.
void choose_deal(Place& place, const Artifact& artifact, const LedgerRow* row, bool other_target) {
  const auto wanted = std::find_if(artifact.beside.begin(), artifact.beside.end(), is_deal);
  const bool wants = wanted != artifact.beside.end();
  if (row != nullptr && !row->deal.id.empty()) {
    place.deal = row->deal;
    place.linked = row->state == LedgerRow::State::Written;
    if (wants && !same_record(*wanted->record, place.deal))
      place.kept += std::string(place.kept.empty() ? "" : "; ") +
                    "the deal linked first stays; the match now is another one";
  } else if (wants && other_target && !artifact.own_deal) {
    place.kept += ", and its deal is not taken";  // it is not this contact's
  } else if (wants) {
    place.deal = *wanted->record;
  }
}

}  // namespace

Place place_of(const Artifact& artifact, const Contacts& contacts, const LedgerRow* row) {
  Place place;
  place.target = wanted_target(artifact, contacts);
  const bool chosen = row != nullptr && !row->target.id.empty() && row->state != LedgerRow::State::Failed;
  const bool other = chosen && !same_record(row->target, place.target);
  if (other) {
    place.target = row->target;
    place.kept = "the " + row->target.type + " chosen first stays; the match now is another one";
  }
  choose_deal(place, artifact, chosen ? row : nullptr, other);
  Beside beside(contacts, place.target);
  if (!place.deal.id.empty()) beside.add({place.deal, ""});
  for (const auto& each : artifact.beside)
    if (!is_deal(each)) beside.add(each);
  // Whom the match now puts first took part all the same.
  if (other && artifact.kind == ArtifactKind::Activity) beside.add(artifact.target);
  place.beside = beside.all();
  return place;
}

}  // namespace aftercall::crm_writer
