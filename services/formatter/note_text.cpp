#include "formatter/note_text.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "domain/utf8.hpp"
#include "render/cut.hpp"
#include "render/html.hpp"
#include "render/rendered.hpp"
#include "render/text.hpp"

namespace aftercall::formatter {
namespace {

using render::Html;
using render::Tag;

constexpr std::size_t longest_name = 200;   // what is longer is no name
constexpr std::size_t longest_title = 300;  // in the text; the record's own title has the account's limit

std::string_view kind_of_session(Channel channel) {
  switch (channel) {
    case Channel::Meeting:
      return "Meeting";
    case Channel::Phone:
      return "Phone call";
    case Channel::WebChat:
      return "Web chat";
    case Channel::Sms:
      return "SMS conversation";
    case Channel::WhatsApp:
      return "WhatsApp conversation";
    case Channel::Email:
      return "E-mail conversation";
    case Channel::Unspecified:
      break;
  }
  return "Conversation";
}

std::string_view direction_of(Direction direction) {
  if (direction == Direction::Inbound) return ", inbound";
  return direction == Direction::Outbound ? ", outbound" : "";
}

// 2026-02-03 09:00 UTC: where the readers are is not known, so it says which clock it means.
std::string day_and_time(Instant at) {
  const std::string text = rfc3339(std::chrono::floor<std::chrono::minutes>(at));
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string duration_of(Instant from, Instant to) {
  const auto minutes = std::chrono::round<std::chrono::minutes>(to - from).count();
  if (minutes < 60) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

std::string circumstances(const Session& session) {
  std::string text(kind_of_session(session.channel));
  text += direction_of(session.direction);
  if (const auto at = session.started_at ? session.started_at : session.ended_at)
    text += ", " + day_and_time(*at);
  if (session.started_at && session.ended_at && *session.ended_at > *session.started_at)
    text += ", " + duration_of(*session.started_at, *session.ended_at);
  return text;
}

std::string title_of(const Session& session) {
  std::string title = render::one_line(session.title);
  if (!title.empty()) return title;
  const auto at = session.started_at ? session.started_at : session.ended_at;
  const std::string kind(kind_of_session(session.channel));
  return at ? kind + ", " + day_and_time(*at) : kind;
}

std::string line_of(const Participant& participant) {
  const std::string name = render::cut_text(render::one_line(participant.name), longest_name);
  const std::string given = participant.phone_e164.empty() ? participant.phone : participant.phone_e164;
  const std::string address =
      render::cut_text(render::one_line(participant.email.empty() ? given : participant.email), longest_name);
  std::string line = name.empty() || address.empty() ? name + address : name + " (" + address + ")";
  if (line.empty()) return line;
  if (participant.role == Role::AiAgent) line += ", AI agent";
  return line;
}

Html participants(const Session& session) {
  Html list;
  for (const auto& participant : session.participants)
    if (const auto line = line_of(participant); !line.empty())
      list += Html::element(Tag::Li, Html::text(line));
  if (list.empty()) return list;
  return Html::element(Tag::H4, Html::text("Participants")) + Html::element(Tag::Ul, list);
}

Html recording(const Session& session) {
  const std::string url = render::one_line(session.session_url);
  if (url.empty()) return {};
  const Html words = Html::text("Recording and transcript");
  if (render::safe_link(url)) return Html::element(Tag::P, Html::link(url, words));
  return Html::element(Tag::P, words + Html::text(": " + render::cut_text(url, 2 * longest_name)));
}

Html headed(std::string_view heading, const Html& text) {
  if (text.empty()) return {};
  return Html::element(Tag::H4, Html::text(heading)) + text;
}

std::string shown(const Session& session, const Html& before, const Html& manual_notes, const Html& summary,
                  const Capabilities& can) {
  const auto limit = can.note_text_length;
  const auto whole = [&](const std::string& notes) {
    return before.str() + notes + headed("Summary", summary).str();
  };
  const std::string notes = headed("Manual notes", manual_notes).str();
  std::string text = whole(notes);
  if (length_in(can.note_text_in, text) <= limit) return text;
  // Manual notes stand first, but must not push out the summary: when both do not fit they get a third.
  if (!summary.empty()) text = whole(render::cut(notes, limit / 3, session.session_url, can.note_text_in));
  return render::cut(text, limit, session.session_url, can.note_text_in);
}

void say(std::vector<LeftOut>& left_out, const std::string& what, const std::vector<std::string>& notes) {
  for (const auto& note : notes) left_out.push_back({what, note});
}

void say_if_cut(NoteText& text, const char* what, const Capabilities& can, std::string_view whole) {
  const auto length = length_in(can.note_text_in, whole);
  if (length <= can.note_text_length) return;
  const bool bytes = can.note_text_in == Measure::Bytes;
  text.left_out.push_back({what, "it has " + std::to_string(length) + (bytes ? " bytes" : " characters") +
                                     ", the CRM holds " + std::to_string(can.note_text_length)});
}

}  // namespace

bool worth_writing(const Session& session) {
  return !render::blank(session.summary) || !render::blank(session.manual_notes) ||
         !render::blank(session.session_url);
}

NoteText note_text(const Session& session, const Capabilities& can) {
  NoteText text;
  const std::string title = title_of(session);
  const auto manual_notes =
      render::blank(session.manual_notes) ? render::Rendered() : render::rendered_plain(session.manual_notes);
  const auto summary = render::blank(session.summary)
                           ? render::Rendered()
                           : render::rendered(session.summary, session.summary_format);
  say(text.left_out, "summary", summary.notes);
  const Html before = Html::element(Tag::H3, Html::text(render::cut_text(title, longest_title))) +
                      Html::element(Tag::P, Html::text(circumstances(session))) + participants(session) +
                      recording(session);
  text.content.title = render::cut_text(title, can.note_title_length);
  text.content.html = shown(session, before, manual_notes.html, summary.html, can);
  text.content.link = session.session_url;
  say_if_cut(
      text, "part of the note's text", can,
      before.str() + headed("Manual notes", manual_notes.html).str() + headed("Summary", summary.html).str());
  return text;
}

NoteText activity_text(const Session& session, const Capabilities& can) {
  const Html summary = render::blank(session.summary)
                           ? Html()
                           : render::rendered(session.summary, session.summary_format).html;
  const std::string whole = (recording(session) + summary).str();
  NoteText text;
  text.content.title = render::cut_text(title_of(session), can.note_title_length);
  text.content.html = render::cut(whole, can.note_text_length, session.session_url, can.note_text_in);
  text.content.link = session.session_url;
  say_if_cut(text, "part of the activity's text", can, whole);
  return text;
}

}  // namespace aftercall::formatter
