#include "matcher/match.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "domain/utf8.hpp"

namespace aftercall::matcher {
namespace {

const Result<crm::Answer>* known_of(const Known& known, const std::string& identity) {
  const auto found = known.contacts.find(identity);
  return found == known.contacts.end() ? nullptr : &found->second;
}

bool found_by_email(const External& external, const Known& known) {
  const auto* answer = known_of(known, external.email);
  return answer != nullptr && *answer && !(*answer)->contacts.empty();
}

bool holds_join_url(const Capabilities& can, const Session& session) {
  return can.join_url_length == 0 || utf16_length(session.join_url) <= can.join_url_length;
}

bool wants_appointment(const Session& session, const Tenant& tenant, const Capabilities& can) {
  return tenant.appointment_notes && can.appointments && !session.join_url.empty() && session.started_at &&
         holds_join_url(can, session);
}

std::string count_of(std::size_t active, std::size_t inactive) {
  if (active == 0 && inactive == 0) return "none";
  if (active == 0) return std::to_string(inactive) + " inactive";
  std::string text = std::to_string(active) + " active";
  if (inactive > 0) text += ", " + std::to_string(inactive) + " inactive";
  return text;
}

// Oldest first; CRMs answer in that order already, but the order decides and so it is made sure of here. Ids
// that count up have the lower number where they are shorter.
bool older(const crm::FoundContact& a, const crm::FoundContact& b) {
  return std::tuple(a.created_on, a.record.id.size(), a.record.id) <
         std::tuple(b.created_on, b.record.id.size(), b.record.id);
}

void choose(ParticipantMatch& match, std::vector<crm::FoundContact> found, const std::string& by,
            Ambiguity policy) {
  std::sort(found.begin(), found.end(), older);
  for (const auto& each : found) match.candidates.push_back(each.record);
  match.ambiguous = found.size() > 1;
  if (match.ambiguous && policy == Ambiguity::None) {
    match.rule = "several contacts by " + by + ": none, as the tenant's setting says";
    match.reason = std::to_string(found.size()) + " contacts have this " + by +
                   "; merge them in the CRM or change the tenant's setting for ambiguity";
    return;
  }
  match.contact = found.front().record;
  match.account = found.front().account;
  const bool dated = found.front().created_on != found.back().created_on;
  if (!match.ambiguous)
    match.rule = "the only active contact by " + by;
  else if (policy == Ambiguity::All)
    match.rule = "all " + std::to_string(found.size()) + " active contacts by " + by;
  else
    match.rule = std::string(dated ? "the oldest of " : "the lowest id of ") + std::to_string(found.size()) +
                 " active contacts by " + by;
  if (match.ambiguous && policy == Ambiguity::All)
    for (std::size_t i = 1; i < found.size(); ++i) match.also.push_back(found[i].record);
}

bool may_create(const External& external, CreateContacts policy) {
  return policy == CreateContacts::Always ||
         (policy == CreateContacts::WhenEmailKnown && !external.email.empty());
}

// A contact without its e-mail would be nobody's: the next look for it would find nobody again.
bool fits(const External& external, const Capabilities& can) {
  return can.contact_email_length == 0 || utf16_length(external.email) <= can.contact_email_length;
}

void nobody_found(ParticipantMatch& match, const External& external, std::size_t inactive,
                  CreateContacts policy, const Capabilities& can) {
  if (may_create(external, policy) && !fits(external, can)) {
    match.rule = "nobody found";
    match.reason = "not created: the e-mail is longer than the " + std::to_string(can.contact_email_length) +
                   " characters that a contact of this CRM holds";
    return;
  }
  if (may_create(external, policy)) {
    match.create = true;
    match.rule = "nobody found: to be created, as the tenant's setting says";
    return;
  }
  match.rule = "nobody found";
  match.reason = inactive > 0 ? "only inactive contacts have this e-mail or phone"
                              : "no contact has this e-mail or phone";
}

// One identity's look, written down. Answers whether it found somebody.
Result<bool> consider(ParticipantMatch& match, const Known& known, const std::string& identity,
                      const std::string& by, Ambiguity policy, std::size_t& inactive) {
  const auto* answer = known_of(known, identity);
  if (answer == nullptr) return false;
  if (!*answer) return tl::unexpected(answer->error());
  const auto& found = **answer;
  inactive += found.inactive;
  auto told = count_of(found.contacts.size(), found.inactive);
  if (found.unasked > 0)
    told += "; " + std::to_string(found.unasked) + " other notations of it were not searched for";
  match.lookups.push_back({"contact by " + by, std::move(told)});
  if (found.contacts.empty()) return false;
  choose(match, found.contacts, by, policy);
  return true;
}

Result<ParticipantMatch> match_of(const External& external, const Tenant& tenant, const Capabilities& can,
                                  const Known& known) {
  ParticipantMatch match;
  match.participant = external.participant;
  match.identity = external.identity();
  if (match.identity.empty()) {
    match.rule = "no identity";
    match.reason = external.unreadable;
    return match;
  }
  std::size_t inactive = 0;
  if (!external.email.empty()) {
    const auto found = consider(match, known, external.email, "e-mail", tenant.ambiguity, inactive);
    if (!found) return tl::unexpected(found.error());
    if (*found) return match;
  }
  if (!external.phone.empty()) {
    const auto found = consider(match, known, external.phone, "phone", tenant.ambiguity, inactive);
    if (!found) return tl::unexpected(found.error());
    if (*found) return match;
  }
  nobody_found(match, external, inactive, tenant.create_contacts, can);
  return match;
}

// Equality only: several appointments with one URL and hour say nothing about which one it was.
void match_appointment(Matched& matched, const Known& known) {
  if (!known.appointment) return;
  const auto& answer = *known.appointment;
  const std::string question = "appointment by join URL and start";
  if (!answer) {
    matched.lookups.push_back({question, "not read: " + answer.error().detail});
    matched.left_out.push_back({"note on the appointment", answer.error().detail});
    return;
  }
  const auto count = answer->appointments.size();
  matched.lookups.push_back({question, count == 0 ? "none" : std::to_string(count) + " found"});
  if (count == 1)
    matched.appointment = answer->appointments.front();
  else
    matched.left_out.push_back({"note on the appointment",
                                count == 0
                                    ? "no appointment has this join URL within 30 minutes of the start"
                                    : std::to_string(count) + " appointments have this join URL and start"});
}

void explain_missing_appointment(Matched& matched, const Session& session, const Tenant& tenant,
                                 const Capabilities& can) {
  if (!tenant.appointment_notes || session.channel != Channel::Meeting) return;
  const char* reason = !can.appointments               ? "this CRM does not hold join URLs of meetings"
                       : session.join_url.empty()      ? "the session has no join URL"
                       : !session.started_at           ? "the session has no start time"
                       : !holds_join_url(can, session) ? "the join URL is longer than the CRM can hold"
                                                       : nullptr;
  if (reason != nullptr) matched.left_out.push_back({"note on the appointment", reason});
}

// One note hangs on one person: of those whom nobody knows only the first is created for it, and nobody where
// somebody is there already.
void create_for_one_note(Matched& matched) {
  const auto bears = std::find_if(matched.participants.begin(), matched.participants.end(),
                                  [](const ParticipantMatch& match) { return match.contact.has_value(); });
  const auto created = std::find_if(matched.participants.begin(), matched.participants.end(),
                                    [](const ParticipantMatch& match) { return match.create; });
  const auto keeper = bears != matched.participants.end() ? bears : created;
  for (auto& match : matched.participants) {
    if (!match.create || &match == &*keeper) continue;
    match.create = false;
    match.rule = "nobody found";
    match.reason =
        "not created: the session's one note hangs on participant " + std::to_string(keeper->participant);
  }
}

// The connection may no longer read accounts, which its record does not say until somebody probes it.
bool accounts_refused(const Known& known) {
  return std::any_of(known.contacts.begin(), known.contacts.end(),
                     [](const auto& each) { return each.second && each.second->accounts_refused; });
}

// One question asked for many: each address gets what answers to it, or why it was not read.
void file_by_email(Known& known, const crm::ContactsByEmail& asked, const Result<crm::Answer>& answer) {
  for (const auto& email : asked.emails) {
    if (!answer) {
      known.contacts.insert_or_assign(email, answer);
      continue;
    }
    if (const auto unread = answer->unread.find(email); unread != answer->unread.end()) {
      known.contacts.insert_or_assign(email, tl::unexpected(unread->second));
      continue;
    }
    crm::Answer own;
    own.accounts_refused = answer->accounts_refused;
    std::copy_if(answer->contacts.begin(), answer->contacts.end(), std::back_inserter(own.contacts),
                 [&email](const crm::FoundContact& contact) { return contact.email == email; });
    const auto inactive = answer->inactive_by_email.find(email);
    own.inactive = inactive == answer->inactive_by_email.end() ? 0 : inactive->second;
    known.contacts.insert_or_assign(email, Result<crm::Answer>(std::move(own)));
  }
}

// Who takes the oldest is content with somebody; the other rules are about all who have the number.
crm::ContactsByPhone by_phone(const std::string& e164, const Tenant& tenant) {
  return {e164, tenant.region, tenant.ambiguity != Ambiguity::Oldest};
}

}  // namespace

std::vector<crm::Question> first_questions(const std::vector<External>& externals, const Session& session,
                                           const Tenant& tenant, const Capabilities& can,
                                           const Known& known) {
  std::vector<crm::Question> questions;
  std::set<std::string> emails;
  std::set<std::string> phones;
  for (const auto& external : externals) {
    if (!external.email.empty()) emails.insert(external.email);
    if (external.email.empty() && !external.phone.empty()) phones.insert(external.phone);
  }
  crm::ContactsByEmail by_email;
  for (const auto& email : emails)
    if (!known.contacts.contains(email)) by_email.emails.push_back(email);
  if (!by_email.emails.empty()) questions.emplace_back(std::move(by_email));
  for (const auto& phone : phones)
    if (!known.contacts.contains(phone)) questions.emplace_back(by_phone(phone, tenant));
  if (wants_appointment(session, tenant, can))
    questions.emplace_back(crm::AppointmentAt{session.join_url, *session.started_at});
  return questions;
}

std::vector<crm::Question> second_questions(const std::vector<External>& externals, const Tenant& tenant,
                                            const Known& known) {
  std::set<std::string> phones;
  for (const auto& external : externals) {
    const bool unmatched =
        !external.email.empty() && !external.phone.empty() && !found_by_email(external, known);
    if (unmatched && !known.contacts.contains(external.phone)) phones.insert(external.phone);
  }
  std::vector<crm::Question> questions;
  questions.reserve(phones.size());
  for (const auto& phone : phones) questions.emplace_back(by_phone(phone, tenant));
  return questions;
}

void absorb(Known& known, const std::vector<crm::Question>& questions, crm::Answers answers) {
  known.spent += answers.spent;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const Result<crm::Answer> missing = fail(Cause::ServerError, "the connector left a question unanswered");
    const auto& answer = i < answers.each.size() ? answers.each[i] : missing;
    if (const auto* by_email = std::get_if<crm::ContactsByEmail>(&questions[i]))
      file_by_email(known, *by_email, answer);
    else if (const auto* by_phone = std::get_if<crm::ContactsByPhone>(&questions[i]))
      known.contacts.insert_or_assign(by_phone->e164, answer);
    else if (std::holds_alternative<crm::AppointmentAt>(questions[i]))
      known.appointment = answer;
    else if (std::holds_alternative<crm::DealById>(questions[i]))
      known.own_deal = answer;
    else
      known.newest_deal = answer;
  }
}

Result<Matched> judge(const std::vector<External>& externals, const Session& session, const Tenant& tenant,
                      const Connection& connection, const Known& known) {
  Matched matched;
  matched.account = connection.account;
  matched.connection = connection.id;
  matched.capabilities = connection.capabilities;
  matched.config_version = tenant.version;
  matched.spent = known.spent;
  for (const auto& external : externals) {
    auto match = match_of(external, tenant, connection.capabilities, known);
    if (!match) return tl::unexpected(match.error());
    matched.participants.push_back(std::move(*match));
  }
  if (accounts_refused(known)) matched.capabilities.accounts = false;
  if (connection.capabilities.one_note) create_for_one_note(matched);
  match_appointment(matched, known);
  explain_missing_appointment(matched, session, tenant, connection.capabilities);
  return matched;
}

bool is_waited_for(Cause cause, bool tried) {
  if (cause == Cause::RateLimited || cause == Cause::NoLease || cause == Cause::Paced) return true;
  const auto kind = kind_of(cause);
  return (kind == Kind::Transient && !tried) || (kind == Kind::Blocked && cause != Cause::NotPermitted);
}

std::optional<Failure> unread_appointment(const Known& known, bool tried) {
  if (!known.appointment || *known.appointment) return std::nullopt;
  const auto& failure = known.appointment->error();
  return is_waited_for(failure.cause, tried) ? std::optional(failure) : std::nullopt;
}

bool somebody(const Matched& matched) {
  return std::any_of(matched.participants.begin(), matched.participants.end(),
                     [](const ParticipantMatch& match) { return match.contact || match.create; });
}

std::string nobody_reason(const Matched& matched) {
  std::string text =
      "no contact for any of " + std::to_string(matched.participants.size()) + " external participants";
  for (const auto& match : matched.participants)
    text += "; participant " + std::to_string(match.participant) + ": " + match.reason;
  return text;
}

}  // namespace aftercall::matcher
