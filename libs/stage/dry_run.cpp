#include "stage/dry_run.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>

#include "aftercall/events/v1/contact_matched.pb.h"
#include "aftercall/events/v1/event_deferred.pb.h"
#include "aftercall/events/v1/note_ready.pb.h"
#include "aftercall/events/v1/session_settled.pb.h"
#include "domain/instant.hpp"
#include "domain/utf8.hpp"
#include "telemetry/trace.hpp"
#include "wire/envelope.hpp"
#include "wire/topics.hpp"

namespace aftercall::stage {
namespace {

namespace v1 = aftercall::events::v1;

// Names and titles come from outside: a terminal must not obey them.
std::string plain(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto next = first_code_point(text);
    const bool control = next.value < 0x20 || (next.value >= 0x7f && next.value < 0xa0);
    append_utf8(result, control ? U' ' : next.value);
    text.remove_prefix(next.bytes);
  }
  return result;
}

std::string words(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string word_of(v1::Artifact::Kind::Value kind) { return words(v1::Artifact::Kind::Value_Name(kind)); }

std::string text_of(const v1::CrmRecord& record) {
  return record.type() + " " + record.id() + (record.name().empty() ? "" : " (" + record.name() + ")");
}

std::string text_of(const v1::Target& target) {
  return target.has_record() ? text_of(target.record()) : "the contact to be created";
}

class Lines {
 public:
  void add(const std::string& text) { text_ << "  " << plain(text) << '\n'; }
  void head(const std::string& text) { text_ << plain(text) << '\n'; }
  void left_out(const google::protobuf::RepeatedPtrField<v1::LeftOut>& all) {
    for (const auto& each : all) add("left out: " + each.what() + ": " + each.reason());
  }
  void artifacts(const google::protobuf::RepeatedPtrField<v1::ArtifactState>& all) {
    for (const auto& each : all) {
      std::string line = word_of(each.kind());
      if (!each.target().type().empty()) line += " on " + text_of(each.target());
      const auto state = words(v1::ArtifactState::State::Value_Name(each.state()));
      add(line + ": " + (each.reason().empty() ? state : each.reason()));
    }
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
};

std::string head_of(const Draft& draft, const std::string& what, const std::string& account) {
  const auto envelope = wire::envelope_of(draft.headers);
  const std::string stage = envelope ? envelope->source.substr(1) : "the stage";
  const std::string session = envelope ? envelope->subject : draft.key;
  return "dry run: " + stage + " would " + what + " " + session + (account.empty() ? "" : " in " + account);
}

void show(Lines& lines, const Draft& draft, const v1::ContactMatched& matched) {
  lines.head(head_of(draft, "emit contact.matched of", matched.crm_account()));
  for (const auto& match : matched.participants()) {
    std::string line = "participant " + std::to_string(match.participant()) + ": ";
    if (match.has_contact())
      line += text_of(match.contact());
    else
      line += match.create() ? "a contact to be created" : "nobody";
    lines.add(line + "; " + match.rule() + (match.reason().empty() ? "" : ": " + match.reason()));
  }
  if (matched.has_appointment()) lines.add(text_of(matched.appointment()));
  if (matched.has_deal()) lines.add(text_of(matched.deal()));
  lines.left_out(matched.left_out());
}

void show(Lines& lines, const Draft& draft, const v1::NoteReady& plan) {
  lines.head(head_of(draft, "emit note.ready of", plan.crm_account()));
  for (const auto& artifact : plan.artifacts()) {
    std::string line = word_of(artifact.kind());
    if (artifact.has_person()) line += " " + artifact.person().name();
    if (artifact.has_target()) line += " on " + text_of(artifact.target());
    for (const auto& beside : artifact.beside()) line += " and " + text_of(beside);
    const auto content = static_cast<int>(artifact.content());
    if (!artifact.has_person() && content < plan.contents_size())
      line += ": " + plan.contents(content).title();
    lines.add(line);
  }
  lines.left_out(plan.left_out());
}

void show(Lines& lines, const Draft& draft, const v1::SessionSettled& settled) {
  lines.head(head_of(draft, "settle", settled.crm_account()) + ": " + settled.reason());
  if (!settled.detail().empty()) lines.add(settled.detail());
  lines.artifacts(settled.artifacts());
  lines.left_out(settled.left_out());
}

void show(Lines& lines, const Draft& draft, const v1::EventDeferred& deferred) {
  const auto kind = words(v1::EventDeferred::Kind::Value_Name(deferred.kind()));
  lines.head(head_of(draft, "defer", deferred.unit()) + ": " + kind + ", " + deferred.cause());
  lines.add(deferred.detail());
  lines.artifacts(deferred.artifacts());
}

template <class Message>
std::string shown_as(const Draft& draft) {
  Message message;
  message.ParseFromString(draft.value.value_or(""));
  Lines lines;
  show(lines, draft, message);
  return lines.text();
}

}  // namespace

std::string new_run() {
  static constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  auto high = static_cast<std::uint64_t>(milliseconds_of(truncate(std::chrono::system_clock::now())));
  std::string run(26, '0');
  for (int i = 9; i >= 0; --i, high >>= 5U) run[static_cast<std::size_t>(i)] = digits[high & 31U];
  for (std::size_t half = 10; half < run.size(); half += 8) {
    auto random = telemetry::random_bits();
    for (std::size_t i = half; i < half + 8; ++i, random >>= 5U) run[i] = digits[random & 31U];
  }
  return run;
}

std::string shown(const Draft& draft) {
  const auto type = header(draft.headers, "ce_type").value_or("");
  if (type == wire::topic::contact_matched) return shown_as<v1::ContactMatched>(draft);
  if (type == wire::topic::note_ready) return shown_as<v1::NoteReady>(draft);
  if (type == wire::topic::session_settled) return shown_as<v1::SessionSettled>(draft);
  if (type == wire::topic::event_deferred) return shown_as<v1::EventDeferred>(draft);
  return plain(head_of(draft, "emit " + std::string(type) + " of", "")) + '\n';
}

}  // namespace aftercall::stage
