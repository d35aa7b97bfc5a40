#include "wire/contact_matched.hpp"

#include "wire/crm_record.hpp"
#include "wire/session.hpp"
#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

v1::ParticipantMatch to_wire(const ParticipantMatch& match) {
  v1::ParticipantMatch message;
  message.set_participant(static_cast<std::uint32_t>(match.participant));
  message.set_identity(match.identity);
  for (const auto& each : match.candidates) *message.add_candidates() = wire::to_wire(each);
  if (match.contact) *message.mutable_contact() = wire::to_wire(*match.contact);
  if (match.account) *message.mutable_account() = wire::to_wire(*match.account);
  for (const auto& each : match.also) *message.add_also() = wire::to_wire(each);
  message.set_create(match.create);
  if (match.create) write_time(*message.mutable_looked_at(), match.looked_at);
  message.set_ambiguous(match.ambiguous);
  message.set_rule(match.rule);
  message.set_reason(match.reason);
  for (const auto& each : match.lookups) *message.add_lookups() = wire::to_wire(each);
  return message;
}

ParticipantMatch from_wire(const v1::ParticipantMatch& message) {
  ParticipantMatch match;
  match.participant = message.participant();
  match.identity = message.identity();
  for (const auto& each : message.candidates()) match.candidates.push_back(wire::from_wire(each));
  if (message.has_contact()) match.contact = wire::from_wire(message.contact());
  if (message.has_account()) match.account = wire::from_wire(message.account());
  for (const auto& each : message.also()) match.also.push_back(wire::from_wire(each));
  match.create = message.create();
  match.looked_at = read_time(message.looked_at()).value_or(Instant{});
  match.ambiguous = message.ambiguous();
  match.rule = message.rule();
  match.reason = message.reason();
  for (const auto& each : message.lookups()) match.lookups.push_back(wire::from_wire(each));
  return match;
}

}  // namespace

v1::ContactMatched contact_matched(const v1::Session& session, const Matched& matched, bool with_transcript) {
  v1::ContactMatched message;
  *message.mutable_session() = session;
  if (!with_transcript) message.mutable_session()->clear_transcript();
  message.set_crm_account(matched.account.str());
  message.set_connection(matched.connection.str());
  *message.mutable_capabilities() = wire::to_wire(matched.capabilities);
  message.set_config_version(matched.config_version);
  for (const auto& each : matched.participants) *message.add_participants() = to_wire(each);
  if (matched.appointment) *message.mutable_appointment() = wire::to_wire(*matched.appointment);
  if (matched.deal) *message.mutable_deal() = wire::to_wire(*matched.deal);
  for (const auto& each : matched.left_out) *message.add_left_out() = wire::to_wire(each);
  for (const auto& each : matched.lookups) *message.add_lookups() = wire::to_wire(each);
  message.set_crm_requests(matched.spent.requests);
  message.set_crm_tokens(matched.spent.tokens);
  message.set_own_deal(matched.own_deal);
  return message;
}

Result<MatchedSession> matched_session_of(const v1::ContactMatched& message) {
  auto session = session_of(message.session());
  if (!session) return tl::unexpected(session.error());
  if (message.crm_account().empty()) return fail(Cause::Malformed, "the match names no CRM account");
  Matched matched;
  matched.account = CrmAccount(message.crm_account());
  matched.connection = ConnectionId(message.connection());
  matched.capabilities = wire::from_wire(message.capabilities());
  matched.config_version = message.config_version();
  for (const auto& each : message.participants()) {
    if (each.participant() >= session->participants.size())
      return fail(Cause::Malformed, "the match names a participant that the session does not have");
    matched.participants.push_back(from_wire(each));
  }
  if (message.has_appointment()) matched.appointment = wire::from_wire(message.appointment());
  if (message.has_deal()) matched.deal = wire::from_wire(message.deal());
  matched.own_deal = message.own_deal();
  for (const auto& each : message.left_out()) matched.left_out.push_back(wire::from_wire(each));
  for (const auto& each : message.lookups()) matched.lookups.push_back(wire::from_wire(each));
  matched.spent = {message.crm_requests(), message.crm_tokens()};
  return MatchedSession{std::move(*session), std::move(matched)};
}

}  // namespace aftercall::wire
