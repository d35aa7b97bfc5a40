#include "formatter/one_note.hpp"

#include <algorithm>

#include "formatter/activity_type.hpp"
#include "formatter/new_contact.hpp"
#include "policy/keys.hpp"

namespace aftercall::formatter {
namespace {

constexpr const char* role = "session";  // the slot of what belongs to no participant

// Who bears the note: the first in the session's order who is there, else the one to be created.
const ParticipantMatch* bearer(const Matched& matched) {
  const auto& all = matched.participants;
  auto found =
      std::find_if(all.begin(), all.end(), [](const auto& match) { return match.contact.has_value(); });
  if (found == all.end())
    found = std::find_if(all.begin(), all.end(), [](const auto& match) { return match.create; });
  return found == all.end() ? nullptr : &*found;
}

Target target(const CrmRecord& record) { return {record, ""}; }

Artifact made(const Session& session, const Matched& matched, ArtifactKind kind) {
  Artifact artifact;
  artifact.kind = kind;
  artifact.slot = role;
  artifact.key = artifact_key({matched.account, session.key, kind, role, 0});
  if (matched.deal) artifact.beside.push_back(target(*matched.deal));
  artifact.own_deal = matched.own_deal;
  return artifact;
}

// The other contacts that took part, each once.
std::vector<Target> others(const Matched& matched, const Target& main) {
  std::vector<Target> all;
  for (const auto& match : matched.participants) {
    if (!match.contact) continue;
    const auto same = [&](const Target& known) {
      return known.record && known.record->id == match.contact->id;
    };
    if (!same(main) && std::none_of(all.begin(), all.end(), same)) all.push_back(target(*match.contact));
  }
  return all;
}

Occasion occasion_of(const Session& session, const ActivityType& type) {
  Occasion occasion;
  occasion.type = type.key;
  occasion.start = session.started_at.value_or(session.ended_at.value_or(session.revision.accepted_at));
  occasion.assumed = !session.started_at && !session.ended_at;
  if (session.started_at && session.ended_at && *session.ended_at > *session.started_at)
    occasion.duration = std::chrono::round<std::chrono::minutes>(*session.ended_at - *session.started_at);
  return occasion;
}

void leave_out_the_rest(Artifacts& artifacts, const Matched& matched, const ParticipantMatch* bears) {
  for (const auto& match : matched.participants) {
    const auto who = "participant " + std::to_string(match.participant);
    if (!match.contact && &match != bears) artifacts.left_out.push_back({"contact of " + who, match.reason});
    if (!match.also.empty())
      artifacts.left_out.push_back(
          {"notes on " + std::to_string(match.also.size()) + " more contacts of " + who,
           "this CRM gets one note a session"});
  }
}

}  // namespace

Artifacts one_note_of(const Session& session, const Matched& matched) {
  Artifacts artifacts;
  const auto* const bears = bearer(matched);
  leave_out_the_rest(artifacts, matched, bears);
  if (bears == nullptr) return artifacts;

  auto note = made(session, matched, ArtifactKind::Note);
  note.main = true;
  if (bears->contact) {
    note.target = target(*bears->contact);
  } else {
    artifacts.ordered.push_back(new_contact(session, matched.account, *bears));
    note.target.artifact = artifacts.ordered.back().key;
  }
  artifacts.ordered.push_back(note);

  if (!matched.capabilities.activities) {
    if (const auto& right = matched.capabilities.activities_need; !right.empty())
      artifacts.left_out.push_back(
          {"activity", "the connection lacks the right " + right + "; grant it and connect again"});
    return artifacts;
  }
  const auto* const type = activity_type(session, matched.capabilities);
  if (type == nullptr) {
    artifacts.left_out.push_back({"activity", why_no_activity(session, matched.capabilities)});
    return artifacts;
  }
  auto activity = made(session, matched, ArtifactKind::Activity);
  activity.target = note.target;
  for (auto& other : others(matched, note.target)) activity.beside.push_back(std::move(other));
  activity.content = 1;
  activity.occasion = occasion_of(session, *type);
  artifacts.ordered.push_back(std::move(activity));
  return artifacts;
}

}  // namespace aftercall::formatter
