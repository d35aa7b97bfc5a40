#include "formatter/artifacts.hpp"

#include <algorithm>
#include <string>

#include "formatter/new_contact.hpp"
#include "policy/keys.hpp"

namespace aftercall::formatter {
namespace {

class Collect {
 public:
  Collect(const Session& session, const Matched& matched) : session_(session), matched_(matched) {}

  Artifacts all() {
    for (const auto& match : matched_.participants) on_contact(match);
    if (matched_.capabilities.accounts)
      for (const auto& match : matched_.participants) on_account(match);
    else
      without_accounts();
    if (matched_.appointment) note("appointment", *matched_.appointment);
    return std::move(artifacts_);
  }

 private:
  void on_contact(const ParticipantMatch& match) {
    if (match.contact) {
      add_note(match.identity, Target{match.contact, ""}, true);
      // The tenant wants every contact of an ambiguous identity to have it: each of these is for one record.
      for (const auto& other : match.also) note("contact:" + other.id, other);
    } else if (match.create) {
      add_note(match.identity, Target{std::nullopt, contact(match)}, true);
    } else {
      leave_out("note for participant " + std::to_string(match.participant), match.reason);
    }
  }

  void on_account(const ParticipantMatch& match) {
    if (match.account)
      note("account:" + match.account->id, *match.account);
    else if (match.contact)
      leave_out("note on the account of participant " + std::to_string(match.participant),
                "the contact has no account");
  }

  // Whoever has notes on each record has them on accounts, too, unless it is not permitted.
  void without_accounts() {
    const auto& all = matched_.participants;
    if (std::any_of(all.begin(), all.end(), [](const auto& match) { return match.contact.has_value(); }))
      leave_out("notes on accounts",
                "not permitted: the connection may not read accounts or not leave notes on them");
  }

  void note(const std::string& slot, const CrmRecord& record) { add_note(slot, Target{record, ""}, false); }

  void add_note(const std::string& slot, const Target& target, bool main) {
    const auto same =
        std::find_if(artifacts_.ordered.begin(), artifacts_.ordered.end(), [&](const Artifact& artifact) {
          return artifact.kind == ArtifactKind::Note && artifact.target.artifact == target.artifact &&
                 artifact.target.record.has_value() == target.record.has_value() &&
                 (!target.record || (artifact.target.record->type == target.record->type &&
                                     artifact.target.record->id == target.record->id));
        });
    if (same != artifacts_.ordered.end()) return merge(*same, slot, main);
    Artifact artifact;
    artifact.kind = ArtifactKind::Note;
    artifact.slot = slot;
    artifact.key = key_of(slot);
    artifact.target = target;
    artifact.main = main;
    artifacts_.ordered.push_back(std::move(artifact));
  }

  void merge(Artifact& artifact, const std::string& slot, bool main) const {
    artifact.main = artifact.main || main;
    const auto known = [&](const Alias& alias) { return alias.slot == slot; };
    if (artifact.slot == slot || std::any_of(artifact.aliases.begin(), artifact.aliases.end(), known)) return;
    artifact.aliases.push_back({key_of(slot), slot});
    auto first = std::min_element(artifact.aliases.begin(), artifact.aliases.end(),
                                  [](const Alias& a, const Alias& b) { return a.slot < b.slot; });
    if (first->slot < artifact.slot) {
      std::swap(first->slot, artifact.slot);
      std::swap(first->key, artifact.key);
    }
    std::sort(artifact.aliases.begin(), artifact.aliases.end(),
              [](const Alias& a, const Alias& b) { return a.slot < b.slot; });
  }

  // The key of the contact that stands before the note, however many participants bear its identity.
  std::string contact(const ParticipantMatch& match) {
    auto artifact = new_contact(session_, matched_.account, match);
    auto key = artifact.key;
    const auto is_it = [&](const Artifact& each) { return each.key == key; };
    if (std::none_of(artifacts_.ordered.begin(), artifacts_.ordered.end(), is_it))
      artifacts_.ordered.push_back(std::move(artifact));
    return key;
  }

  std::string key_of(const std::string& slot) const {
    return artifact_key({matched_.account, session_.key, ArtifactKind::Note, slot, 0});
  }

  void leave_out(std::string what, std::string reason) {
    artifacts_.left_out.push_back({std::move(what), std::move(reason)});
  }

  const Session& session_;
  const Matched& matched_;
  Artifacts artifacts_;
};

}  // namespace

Artifacts artifacts_of(const Session& session, const Matched& matched) {
  return Collect(session, matched).all();
}

}  // namespace aftercall::formatter
