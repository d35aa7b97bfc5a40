#include "cli/story_text.hpp"

#include <algorithm>
#include <sstream>

#include "domain/instant.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;
namespace events = aftercall::events::v1;

std::string time_text(const google::protobuf::Timestamp& time) {
  return rfc3339(instant_of(time.seconds() * 1000 + time.nanos() / 1'000'000));
}

std::string words(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string record_text(const events::CrmRecord& record) {
  return record.type() + " " +
         (record.name().empty() ? record.id() : record.name() + " (" + record.id() + ")");
}

void write_match(std::ostream& out, const events::ParticipantMatch& match) {
  out << "    participant " << match.participant() << ": ";
  if (match.has_contact())
    out << record_text(match.contact());
  else
    out << (match.create() ? "a contact to be created" : "nobody");
  if (match.has_account()) out << " of " << record_text(match.account());
  out << "\n      " << match.rule();
  if (!match.reason().empty()) out << ": " << match.reason();
  out << "\n";
  for (const auto& lookup : match.lookups())
    out << "      asked: " << lookup.question() << " -> " << lookup.answer() << "\n";
  if (match.ambiguous())
    for (const auto& rival : match.candidates()) out << "      candidate: " << record_text(rival) << "\n";
}

void write_artifact(std::ostream& out, const events::ArtifactState& artifact) {
  out << "    " << words(events::ArtifactState::State::Value_Name(artifact.state())) << ": "
      << events::Artifact::Kind::Value_Name(artifact.kind());
  if (!artifact.target().type().empty())
    out << " on " << record_text(artifact.target());
  else if (!artifact.crm_id().empty())  // of a contact: it is on nothing
    out << " " << artifact.crm_id();
  for (const auto& other : artifact.beside()) out << ", " << record_text(other);
  if (!artifact.link().empty()) out << "\n      " << artifact.link();
  if (!artifact.reason().empty()) out << "\n      " << artifact.reason();
  out << "\n";
}

void write_unit(std::ostream& out, const v1::UnitStory& unit) {
  out << "\n  " << (unit.crm_account().empty() ? "(no CRM account)" : unit.crm_account()) << ": "
      << words(unit.state());
  if (!unit.reason().empty() && unit.reason() != unit.state()) out << " (" << words(unit.reason()) << ")";
  out << "\n";
  if (!unit.detail().empty()) out << "    " << unit.detail() << "\n";
  if (!unit.cause().empty() && unit.cause() != unit.reason())
    out << "    cause: " << words(unit.cause()) << "\n";
  if (unit.has_not_before()) out << "    next try: " << time_text(unit.not_before()) << "\n";
  if (!unit.advice().empty()) out << "    what to do: " << unit.advice() << "\n";
  for (const auto& match : unit.matches()) write_match(out, match);
  for (const auto& lookup : unit.lookups())
    out << "    asked: " << lookup.question() << " -> " << lookup.answer() << "\n";
  if (unit.has_deal()) out << "    deal: " << record_text(unit.deal()) << "\n";
  for (const auto& artifact : unit.artifacts()) write_artifact(out, artifact);
  for (const auto& each : unit.left_out())
    out << "    left out: " << each.what() << ": " << each.reason() << "\n";
  for (const auto& each : unit.evidence())
    if (unit.matches().empty() && each.has_participant())
      out << "    participant " << each.participant() << ": " << each.found() << "\n";
  out << "    CRM requests: " << unit.crm_requests();
  if (unit.crm_tokens() > 0) out << ", tokens of the day's budget: " << unit.crm_tokens();
  out << "\n";
}

}  // namespace

std::string story_text(const v1::Story& story) {
  std::ostringstream out;
  const auto& session = story.session();
  out << story.title() << "\n  session " << session.session_id() << " of " << session.tenant() << "/"
      << session.source();
  if (!story.channel().empty()) out << ", " << words(story.channel());
  if (story.has_started_at()) out << ", " << time_text(story.started_at());
  out << "\n  " << story.sentence() << "\n";
  for (const auto& each : story.participants()) {
    out << "  participant " << each.number() << ": " << each.name();
    for (const auto* address : {&each.email(), &each.phone()})
      if (!address->empty()) out << "  " << *address;
    if (!each.side().empty()) out << "  " << each.side();
    out << "\n";
  }
  for (const auto& unit : story.units()) write_unit(out, unit);
  if (!story.steps().empty()) out << "\n  what happened when\n";
  for (const auto& step : story.steps())
    out << "    " << time_text(step.at()) << "  " << step.stage() << ": " << step.what() << "\n";
  return out.str();
}

}  // namespace aftercall::cli
