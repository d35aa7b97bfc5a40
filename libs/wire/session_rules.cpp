#include "wire/session_rules.hpp"

#include <array>
#include <string>

namespace aftercall::wire {
namespace {

constexpr std::size_t a_line = 1000;    // names and titles: more than any CRM's field takes
constexpr std::size_t a_page = 10'000;  // of a person's or a machine's prose
constexpr std::size_t a_link = 2048;    // what browsers and CRMs agree on

constexpr FieldRules rule(std::string_view field, std::string_view meaning, std::size_t longest = 0) {
  return {.field = field, .meaning = meaning, .longest = longest};
}
constexpr FieldRules line(std::string_view field, std::string_view meaning) {
  return rule(field, meaning, a_line);
}
constexpr FieldRules door(std::string_view field, std::string_view meaning) {
  FieldRules rules = rule(field, meaning);
  rules.by_door = true;
  return rules;
}
constexpr FieldRules link(std::string_view field, std::string_view meaning) {
  FieldRules rules = rule(field, meaning, a_link);
  rules.url = true;
  rules.printable = true;
  return rules;
}
constexpr FieldRules list(std::string_view field, std::string_view meaning, std::size_t most,
                          std::size_t longest = 0) {
  FieldRules rules = rule(field, meaning, longest);
  rules.most = most;
  return rules;
}
constexpr FieldRules identity() {
  FieldRules rules = rule("Session.session_id", "the conversation's id at its upstream", 200);
  rules.required = true;
  rules.printable = true;
  return rules;
}

constexpr std::array all{
    door("Session.tenant", "whose session it is: the API key says so"),
    door("Session.source", "the upstream: the API key says so"),
    door("Session.accepted_at", "when the session was accepted"),
    door("Session.content_hash", "SHA-256 (hex) of the request's canonical JSON"),
    identity(),
    rule("Session.revision", "which state of the session this is, for sources that number their revisions"),
    rule("Session.updated_at", "when this state came about, for sources that date their revisions"),
    rule("Session.channel", "where the conversation took place"),
    rule("Session.direction", "who began it"),
    line("Session.title", "the meeting's name"),
    line("Session.conversation_type", "in the tenant's own words; names a CRM's activity type"),
    rule("Session.started_at", ""),
    rule("Session.ended_at", "not before started_at"),
    link("Session.join_url", "how the meeting was joined; finds its appointment"),
    link("Session.session_url", "where recording and transcript can be read"),
    line("Session.presenter", "e-mail address or name of who led the meeting"),
    list("Session.participants", "", 100),
    rule("Session.manual_notes", "what a person wrote down, as plain text"),
    rule("Session.summary", ""),
    list("Session.transcript", "", 20'000),
    rule("Session.handoff", "when an AI agent gave the session to a person"),
    list("Session.crm_hints", "ids of CRM records that the upstream knows", 100, a_line),
    list("Session.properties", "anything else worth keeping", 100, a_page),
    line("Participant.name", ""),
    line("Participant.email", "one that cannot be read leaves the participant without a match"),
    line("Participant.phone", "as it was given, in national or international notation"),
    door("Participant.phone_e164", "the number as it was read"),
    rule("Participant.role", ""),
    rule("Participant.side", "left out: told by the tenant's own domains"),
    rule("Summary.text", ""),
    rule("Summary.format", "left out: plain"),
    line("Turn.speaker", ""),
    rule("Turn.at", ""),
    rule("Turn.text", ""),
    rule("Handoff.at", ""),
    rule("Handoff.reason", "", a_page),
    line("Handoff.classification", ""),
    line("Handoff.sentiment", ""),
};

}  // namespace

FieldRules rules_of(const google::protobuf::FieldDescriptor& field) {
  const std::string name = field.containing_type()->name() + "." + field.name();
  for (const auto& each : all)
    if (each.field == name) return each;
  return {};
}

}  // namespace aftercall::wire
