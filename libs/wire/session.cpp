#include "wire/session.hpp"

#include "wire/time.hpp"

namespace aftercall::wire {
namespace {

template <class Enum, class Wire>
Result<Enum> known(Wire value, int highest, const char* field) {
  const int number = static_cast<int>(value);
  if (number < 0 || number > highest)
    return fail(Cause::NeedsNewerStage, std::string(field) + " has a value that this release does not know");
  return static_cast<Enum>(number);  // domain and wire count alike; session_test.cpp holds them together
}

std::optional<Instant> when(bool present, const google::protobuf::Timestamp& time) {
  if (!present) return std::nullopt;
  return read_time(time);
}

Result<Participant> participant_of(const v1::Participant& message) {
  const auto role = known<Role>(message.role(), static_cast<int>(Role::HumanAgent), "participant.role");
  const auto side = known<Side>(message.side(), static_cast<int>(Side::External), "participant.side");
  if (!role) return tl::unexpected(role.error());
  if (!side) return tl::unexpected(side.error());
  return Participant{message.name(), message.email(), message.phone(), message.phone_e164(), *role, *side};
}

Result<TextFormat> format_of(v1::Summary::Format::Value value) {
  switch (value) {
    case v1::Summary::Format::unspecified:
    case v1::Summary::Format::plain:
      return TextFormat::Plain;
    case v1::Summary::Format::markdown:
      return TextFormat::Markdown;
    case v1::Summary::Format::html:
      return TextFormat::Html;
    default:
      return fail(Cause::NeedsNewerStage, "summary.format has a value that this release does not know");
  }
}

void fill_texts(Session& session, const v1::Session& message) {
  session.title = message.title();
  session.conversation_type = message.conversation_type();
  session.join_url = message.join_url();
  session.session_url = message.session_url();
  session.presenter = message.presenter();
  session.manual_notes = message.manual_notes();
  session.summary = message.summary().text();
  session.started_at = when(message.has_started_at(), message.started_at());
  session.ended_at = when(message.has_ended_at(), message.ended_at());
  session.crm_hints = {message.crm_hints().begin(), message.crm_hints().end()};
  session.properties = {message.properties().begin(), message.properties().end()};
  for (const auto& turn : message.transcript())
    session.transcript.push_back({turn.speaker(), when(turn.has_at(), turn.at()), turn.text()});
  if (message.has_handoff()) {
    const auto& handoff = message.handoff();
    session.handoff = Handoff{when(handoff.has_at(), handoff.at()), handoff.reason(),
                              handoff.classification(), handoff.sentiment()};
  }
}

}  // namespace

Revision revision_of(const v1::Session& message) {
  Revision revision;
  revision.accepted_at = read_time(message.accepted_at()).value_or(Instant{});
  revision.content_hash = message.content_hash();
  if (message.has_revision()) {
    revision.kind = Revision::Kind::Number;
    revision.value = message.revision();
  } else if (message.has_updated_at()) {
    revision.kind = Revision::Kind::Time;
    revision.value = milliseconds_of(read_time(message.updated_at()).value_or(Instant{}));
  } else {
    revision.kind = Revision::Kind::Arrival;
    revision.value = milliseconds_of(revision.accepted_at);
  }
  return revision;
}

Result<Session> session_of(const v1::Session& message) {
  if (message.tenant().empty() || message.source().empty() || message.session_id().empty())
    return fail(Cause::Malformed, "the session lacks tenant, source or session_id");
  const auto channel = known<Channel>(message.channel(), static_cast<int>(Channel::Email), "channel");
  const auto direction =
      known<Direction>(message.direction(), static_cast<int>(Direction::Outbound), "direction");
  const auto format = format_of(message.summary().format());
  if (!channel) return tl::unexpected(channel.error());
  if (!direction) return tl::unexpected(direction.error());
  if (!format) return tl::unexpected(format.error());
  Session session;
  session.key = {TenantId(message.tenant()), SourceId(message.source()), SessionId(message.session_id())};
  session.revision = revision_of(message);
  session.channel = *channel;
  session.direction = *direction;
  session.summary_format = *format;
  for (const auto& each : message.participants()) {
    auto participant = participant_of(each);
    if (!participant) return tl::unexpected(participant.error());
    session.participants.push_back(std::move(*participant));
  }
  fill_texts(session, message);
  return session;
}

}  // namespace aftercall::wire
