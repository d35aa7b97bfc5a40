#include "wire/session_settled.hpp"

#include "wire/artifact_kind.hpp"
#include "wire/crm_record.hpp"
#include "wire/note_ready.hpp"
#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

v1::Evidence to_wire(const Evidence& evidence) {
  v1::Evidence message;
  if (evidence.participant) message.set_participant(static_cast<std::uint32_t>(*evidence.participant));
  message.set_found(evidence.found);
  for (const auto& each : evidence.lookups) *message.add_lookups() = wire::to_wire(each);
  return message;
}

Evidence from_wire(const v1::Evidence& message) {
  Evidence evidence;
  if (message.has_participant()) evidence.participant = message.participant();
  evidence.found = message.found();
  for (const auto& each : message.lookups()) evidence.lookups.push_back(wire::from_wire(each));
  return evidence;
}

}  // namespace

v1::ArtifactState to_wire(const ArtifactState& artifact) {
  v1::ArtifactState message;
  message.set_key(artifact.key);
  message.set_kind(to_wire(artifact.kind));
  message.set_slot_hash(artifact.slot_hash);
  message.set_part(artifact.part);
  message.set_state(static_cast<v1::ArtifactState::State::Value>(static_cast<int>(artifact.state) + 1));
  message.set_reason(artifact.reason);
  *message.mutable_target() = wire::to_wire(artifact.target);
  message.mutable_target()->clear_name();  // a name is personal data; this topic outlives it
  for (const auto& each : artifact.beside) {
    auto& record = *message.add_beside();
    record = wire::to_wire(each);
    record.clear_name();
  }
  message.set_crm_id(artifact.crm_id);
  message.set_link(artifact.link);
  message.set_main(artifact.main);
  return message;
}

Result<ArtifactState> from_wire(const v1::ArtifactState& message) {
  const auto kind = from_wire(message.kind());
  if (!kind) return tl::unexpected(kind.error());
  const int number = static_cast<int>(message.state());
  if (number < 1 || number > static_cast<int>(ArtifactState::State::DeletedByPerson) + 1)
    return fail(Cause::NeedsNewerStage, "an artifact is in a state that this release does not know");
  ArtifactState artifact;
  artifact.key = message.key();
  artifact.kind = *kind;
  artifact.slot_hash = message.slot_hash();
  artifact.part = message.part();
  artifact.state = static_cast<ArtifactState::State>(number - 1);
  artifact.reason = message.reason();
  artifact.target = wire::from_wire(message.target());
  for (const auto& each : message.beside()) artifact.beside.push_back(wire::from_wire(each));
  artifact.crm_id = message.crm_id();
  artifact.link = message.link();
  artifact.main = message.main();
  return artifact;
}

v1::SessionSettled session_settled(const Settled& settled) {
  v1::SessionSettled message;
  message.set_tenant(settled.session.tenant.str());
  message.set_source(settled.session.source.str());
  message.set_session_id(settled.session.session.str());
  *message.mutable_revision() = to_wire(settled.revision);
  message.set_crm_account(settled.account.str());
  message.set_connection(settled.connection.str());
  message.set_reason(settled.reason);
  message.set_detail(settled.detail);
  for (const auto& each : settled.artifacts) *message.add_artifacts() = to_wire(each);
  for (const auto& each : settled.left_out) *message.add_left_out() = wire::to_wire(each);
  for (const auto& each : settled.evidence) *message.add_evidence() = to_wire(each);
  write_time(*message.mutable_accepted_at(), settled.revision.accepted_at);
  message.set_crm_requests(settled.spent.requests);
  message.set_crm_tokens(settled.spent.tokens);
  return message;
}

Result<Settled> settled_of(const v1::SessionSettled& message) {
  auto revision = from_wire(message.revision());
  if (!revision) return tl::unexpected(revision.error());
  Settled settled;
  settled.session = {TenantId(message.tenant()), SourceId(message.source()), SessionId(message.session_id())};
  settled.revision = std::move(*revision);
  settled.account = CrmAccount(message.crm_account());
  settled.connection = ConnectionId(message.connection());
  settled.reason = message.reason();
  settled.detail = message.detail();
  for (const auto& each : message.artifacts()) {
    auto artifact = from_wire(each);
    if (!artifact) return tl::unexpected(artifact.error());
    settled.artifacts.push_back(std::move(*artifact));
  }
  for (const auto& each : message.left_out()) settled.left_out.push_back(wire::from_wire(each));
  for (const auto& each : message.evidence()) settled.evidence.push_back(from_wire(each));
  settled.spent = {message.crm_requests(), message.crm_tokens()};
  return settled;
}

}  // namespace aftercall::wire
