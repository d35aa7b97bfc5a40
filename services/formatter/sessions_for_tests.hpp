#pragma once
#include <string>
#include <utility>
#include <vector>

#include "domain/match.hpp"
#include "domain/session.hpp"

namespace aftercall::formatter {

// A meeting of Sven, who is one of us, with Anna, who has an e-mail, and somebody who has a phone.
inline Session meeting() {
  Session session;
  session.key = {TenantId("acme"), SourceId("dci"), SessionId("m-1")};
  session.revision = {Revision::Kind::Number, 3, instant_of(1'770'113'000'000), "c0ffee"};
  session.channel = Channel::Meeting;
  session.title = "Demo for Contoso";
  session.started_at = parse_rfc3339("2026-02-03T09:00:00Z");
  session.ended_at = parse_rfc3339("2026-02-03T10:14:40Z");
  session.session_url = "https://app.example/s/m-1";
  session.participants = {{"Sven Host", "sven@acme.example", "", "", Role::Host, Side::Internal},
                          {"Anna Berg", "Anna@contoso.example", "", "", Role::Guest, Side::External},
                          {"Bo", "bo@contoso.example", "", "+46701234567", Role::Guest, Side::External},
                          {"Cy", "cy@contoso.example", "", "", Role::Guest, Side::External}};
  session.manual_notes = "Ask about security.";
  session.summary = "All went **well**.";
  session.summary_format = TextFormat::Markdown;
  return session;
}

inline CrmRecord record(const std::string& type, const std::string& id) {
  return {type, id, type + " " + id, "https://crm.example/" + id};
}

inline ParticipantMatch found(std::size_t participant, const std::string& identity,
                              const std::string& contact, const std::string& account = "") {
  ParticipantMatch match;
  match.participant = participant;
  match.identity = identity;
  match.contact = record("contact", contact);
  if (!account.empty()) match.account = record("account", account);
  return match;
}

inline ParticipantMatch nobody(std::size_t participant, const std::string& identity, bool create) {
  ParticipantMatch match;
  match.participant = participant;
  match.identity = identity;
  match.create = create;
  if (!create) match.reason = "no contact has this e-mail or phone";
  return match;
}

// An account that takes long texts; what else it can is for the test to say.
inline Matched matched_in(const std::string& account, std::vector<ParticipantMatch> participants) {
  Matched matched;
  matched.account = CrmAccount(account);
  matched.connection = ConnectionId("c-1");
  matched.capabilities.note_title_length = 500;
  matched.capabilities.note_text_length = 90'000;
  matched.participants = std::move(participants);
  matched.spent.requests = 1;
  return matched;
}

}  // namespace aftercall::formatter
