#include "wire/note_ready.hpp"

#include <algorithm>
#include <set>

#include "wire/artifact_kind.hpp"
#include "wire/crm_record.hpp"
#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

v1::Target to_wire(const Target& target) {
  v1::Target message;
  if (target.record) *message.mutable_record() = wire::to_wire(*target.record);
  message.set_artifact(target.artifact);
  return message;
}

Target from_wire(const v1::Target& message) {
  Target target;
  if (message.has_record()) target.record = wire::from_wire(message.record());
  target.artifact = message.artifact();
  return target;
}

// Something else than a record or an artifact: what only a newer release has.
bool is_unknown(const v1::Target& message) {
  const bool told = message.has_record() || !message.artifact().empty();
  return !told && !message.GetReflection()->GetUnknownFields(message).empty();
}

v1::Occasion to_wire(const Occasion& occasion) {
  v1::Occasion message;
  message.set_type(occasion.type);
  write_time(*message.mutable_start(), occasion.start);
  message.set_minutes(static_cast<std::int32_t>(occasion.duration.count()));
  message.set_assumed(occasion.assumed);
  return message;
}

Occasion from_wire(const v1::Occasion& message) {
  return {message.type(), read_time(message.start()).value_or(Instant{}),
          std::chrono::minutes(message.minutes()), message.assumed()};
}

v1::Artifact to_wire(const Artifact& artifact) {
  v1::Artifact message;
  message.set_key(artifact.key);
  message.set_kind(wire::to_wire(artifact.kind));
  message.set_slot(artifact.slot);
  message.set_part(artifact.part);
  for (const auto& alias : artifact.aliases) {
    auto& each = *message.add_aliases();
    each.set_key(alias.key);
    each.set_slot(alias.slot);
  }
  if (artifact.kind != ArtifactKind::Contact) *message.mutable_target() = to_wire(artifact.target);
  for (const auto& each : artifact.beside) *message.add_beside() = to_wire(each);
  message.set_content(static_cast<std::uint32_t>(artifact.content));
  if (artifact.kind == ArtifactKind::Contact) {
    auto& person = *message.mutable_person();
    person.set_name(artifact.person.name);
    person.set_email(artifact.person.email);
    person.set_phone(artifact.person.phone);
    write_time(*person.mutable_looked_at(), artifact.person.looked_at);
  }
  if (artifact.kind == ArtifactKind::Activity) *message.mutable_occasion() = to_wire(artifact.occasion);
  message.set_main(artifact.main);
  message.set_own_deal(artifact.own_deal);
  return message;
}

Result<Artifact> from_wire(const v1::Artifact& message) {
  const auto kind = wire::from_wire(message.kind());
  if (!kind) return tl::unexpected(kind.error());
  if (is_unknown(message.target()) ||
      std::any_of(message.beside().begin(), message.beside().end(), is_unknown))
    return fail(Cause::NeedsNewerStage, "an artifact hangs on something that this release does not know");
  Artifact artifact;
  artifact.key = message.key();
  artifact.kind = *kind;
  artifact.slot = message.slot();
  artifact.part = message.part();
  for (const auto& each : message.aliases()) artifact.aliases.push_back({each.key(), each.slot()});
  artifact.target = from_wire(message.target());
  for (const auto& each : message.beside()) artifact.beside.push_back(from_wire(each));
  artifact.content = message.content();
  artifact.person = {message.person().name(), message.person().email(), message.person().phone(),
                     read_time(message.person().looked_at()).value_or(Instant{})};
  artifact.occasion = from_wire(message.occasion());
  artifact.main = message.main();
  artifact.own_deal = message.own_deal();
  return artifact;
}

Result<void> check_references(const Plan& plan) {
  std::set<std::string> earlier;
  for (const auto& artifact : plan.artifacts) {
    if (artifact.key.empty()) return fail(Cause::Malformed, "an artifact of the plan has no key");
    if (artifact.kind != ArtifactKind::Contact) {
      if (artifact.content >= plan.contents.size())
        return fail(Cause::Malformed, "a note or activity refers to a missing content");
      const auto hangs = [&](const Target& target) {
        return target.record || earlier.contains(target.artifact);
      };
      if (!hangs(artifact.target) || !std::all_of(artifact.beside.begin(), artifact.beside.end(), hangs))
        return fail(Cause::Malformed,
                    "a note or activity refers to an artifact that does not come before it");
    }
    earlier.insert(artifact.key);
  }
  return {};
}

}  // namespace

v1::Revision to_wire(const Revision& revision) {
  v1::Revision message;
  message.set_kind(revision.kind == Revision::Kind::Number ? v1::Revision::Kind::number
                   : revision.kind == Revision::Kind::Time ? v1::Revision::Kind::time
                                                           : v1::Revision::Kind::arrival);
  message.set_value(revision.value);
  write_time(*message.mutable_accepted_at(), revision.accepted_at);
  message.set_content_hash(revision.content_hash);
  return message;
}

Result<Revision> from_wire(const v1::Revision& message) {
  Revision revision;
  switch (message.kind()) {
    case v1::Revision::Kind::arrival:
      revision.kind = Revision::Kind::Arrival;
      break;
    case v1::Revision::Kind::number:
      revision.kind = Revision::Kind::Number;
      break;
    case v1::Revision::Kind::time:
      revision.kind = Revision::Kind::Time;
      break;
    default:
      return fail(Cause::NeedsNewerStage, "the revision is of a kind that this release does not know");
  }
  revision.value = message.value();
  revision.accepted_at = read_time(message.accepted_at()).value_or(Instant{});
  revision.content_hash = message.content_hash();
  return revision;
}

v1::NoteReady note_ready(const Plan& plan) {
  v1::NoteReady message;
  message.set_tenant(plan.session.tenant.str());
  message.set_source(plan.session.source.str());
  message.set_session_id(plan.session.session.str());
  *message.mutable_revision() = to_wire(plan.revision);
  message.set_crm_account(plan.account.str());
  message.set_connection(plan.connection.str());
  for (const auto& content : plan.contents) {
    auto& each = *message.add_contents();
    each.set_title(content.title);
    each.set_html(content.html);
    each.set_link(content.link);
  }
  for (const auto& artifact : plan.artifacts) *message.add_artifacts() = to_wire(artifact);
  for (const auto& each : plan.left_out) *message.add_left_out() = wire::to_wire(each);
  if (plan.ended_at) write_time(*message.mutable_ended_at(), *plan.ended_at);
  message.set_crm_requests(plan.spent.requests);
  message.set_crm_tokens(plan.spent.tokens);
  return message;
}

Result<Plan> plan_of(const v1::NoteReady& message) {
  Plan plan;
  plan.session = {TenantId(message.tenant()), SourceId(message.source()), SessionId(message.session_id())};
  if (message.tenant().empty() || message.crm_account().empty())
    return fail(Cause::Malformed, "the plan names no tenant or no CRM account");
  auto revision = from_wire(message.revision());
  if (!revision) return tl::unexpected(revision.error());
  plan.revision = std::move(*revision);
  plan.account = CrmAccount(message.crm_account());
  plan.connection = ConnectionId(message.connection());
  for (const auto& each : message.contents())
    plan.contents.push_back({each.title(), each.html(), each.link()});
  for (const auto& each : message.artifacts()) {
    auto artifact = from_wire(each);
    if (!artifact) return tl::unexpected(artifact.error());
    plan.artifacts.push_back(std::move(*artifact));
  }
  for (const auto& each : message.left_out()) plan.left_out.push_back(wire::from_wire(each));
  if (message.has_ended_at()) plan.ended_at = read_time(message.ended_at());
  plan.spent = {message.crm_requests(), message.crm_tokens()};
  if (auto checked = check_references(plan); !checked) return tl::unexpected(checked.error());
  return plan;
}

}  // namespace aftercall::wire
