#include "formatter/format.hpp"

#include <algorithm>
#include <utility>

#include "formatter/artifacts.hpp"
#include "formatter/note_text.hpp"
#include "formatter/one_note.hpp"

namespace aftercall::formatter {
namespace {

void append(std::vector<LeftOut>& all, std::vector<LeftOut> more) {
  for (auto& each : more) all.push_back(std::move(each));
}

Settled nothing(const Session& session, const Matched& matched, std::string reason, std::string detail) {
  Settled settled;
  settled.session = session.key;
  settled.revision = session.revision;
  settled.account = matched.account;
  settled.connection = matched.connection;
  settled.reason = std::move(reason);
  settled.detail = std::move(detail);
  settled.left_out = matched.left_out;
  settled.spent = matched.spent;
  return settled;
}

}  // namespace

Formatted format(const Session& session, const Matched& matched) {
  if (!worth_writing(session))
    return nothing(session, matched, "nothing to write",
                   "the session has neither a summary, nor manual notes, nor a link to its recording");
  // A length that nobody has read is no length: a text cut by a guess would be cut for good.
  if (matched.capabilities.note_text_length == 0 || matched.capabilities.note_title_length == 0)
    return Failure{
        Cause::SetupIncomplete,
        "how long a note may be was not known for this account: let its upstream send the session again "
        "after `aftercall connection probe TENANT ID`"};
  auto artifacts =
      matched.capabilities.one_note ? one_note_of(session, matched) : artifacts_of(session, matched);
  if (artifacts.ordered.empty()) {
    auto settled = nothing(session, matched, "no contact", "no participant has a contact to write to");
    append(settled.left_out, std::move(artifacts.left_out));
    for (const auto& match : matched.participants)
      settled.evidence.push_back({match.participant, match.reason, match.lookups});
    return settled;
  }
  auto text = note_text(session, matched.capabilities);
  Plan plan;
  plan.session = session.key;
  plan.revision = session.revision;
  plan.account = matched.account;
  plan.connection = matched.connection;
  plan.contents.push_back(std::move(text.content));
  const auto is_activity = [](const Artifact& each) { return each.kind == ArtifactKind::Activity; };
  if (std::any_of(artifacts.ordered.begin(), artifacts.ordered.end(), is_activity)) {
    auto more = activity_text(session, matched.capabilities);
    plan.contents.push_back(std::move(more.content));
    append(text.left_out, std::move(more.left_out));
  }
  plan.artifacts = std::move(artifacts.ordered);
  plan.left_out = matched.left_out;
  append(plan.left_out, std::move(artifacts.left_out));
  append(plan.left_out, std::move(text.left_out));
  plan.ended_at = session.ended_at;
  plan.spent = matched.spent;
  return plan;
}

}  // namespace aftercall::formatter
