#include "answer.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "address.hpp"
#include "crm/json.hpp"
#include "identity/email.hpp"
#include "identity/phone.hpp"
#include "odata.hpp"
#include "refusal.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

constexpr int active_state = 0;

std::optional<std::string> key_of(const Json& row, const char* column) { return guid(text_of(row, column)); }

std::optional<CrmRecord> record_of(const Json& row, const char* key, const char* name,
                                   const std::string& type, const std::string& base) {
  auto id = key_of(row, key);
  if (!id) return std::nullopt;
  auto link = link_to(base, type, *id);
  return CrmRecord{type, std::move(*id), text_of(row, name), std::move(link)};
}

Result<ContactRow> read_contact(const Json& row, const std::string& base) {
  const auto id = key_of(row, "contactid");
  const auto state = number_of(row, "statecode");
  const auto created = parse_rfc3339(text_of(row, "createdon"));
  if (!id || !state || !created) return senseless("a contact without its id, state or date");
  ContactRow found{*id,
                   text_of(row, "fullname"),
                   text_of(row, "emailaddress1"),
                   text_of(row, "mobilephone"),
                   text_of(row, "telephone1"),
                   *state == active_state,
                   *created,
                   std::nullopt};
  if (const auto* const account = member(row, "parentcustomerid_account"))
    found.account = record_of(*account, "accountid", "name", "account", base);
  return found;
}

std::string normalised(const std::string& email) { return identity::normalise_email(email).value_or(email); }

FoundContact found_contact(const ContactRow& row, const std::string& region, const std::string& base) {
  FoundContact found;
  found.record = {"contact", row.id, row.name, link_to(base, "contact", row.id)};
  found.email = normalised(row.email);
  for (const auto& text : {row.mobile, row.phone})
    if (auto e164 = identity::to_e164(text, region)) found.phones.push_back(std::move(*e164));
  found.created_on = row.created_on;
  found.account = row.account;
  return found;
}

void take(Answer& answer, const ContactsByEmail& asked, const ContactRow& row, const std::string& base) {
  const auto email = normalised(row.email);
  if (std::find(asked.emails.begin(), asked.emails.end(), email) == asked.emails.end()) return;
  if (row.active) {
    answer.contacts.push_back(found_contact(row, "", base));
  } else {
    ++answer.inactive;
    ++answer.inactive_by_email[email];
  }
}

void take(Answer& answer, const ContactsByPhone& asked, const ContactRow& row, const std::string& base) {
  if (!identity::same_number(row.mobile, asked.e164, asked.region) &&
      !identity::same_number(row.phone, asked.e164, asked.region))
    return;
  if (!row.active) {
    ++answer.inactive;
    return;
  }
  auto found = found_contact(row, asked.region, base);
  // Free text may hold the number beside other things.
  if (std::find(found.phones.begin(), found.phones.end(), asked.e164) == found.phones.end())
    found.phones.push_back(asked.e164);
  answer.contacts.push_back(std::move(found));
}

template <class Asked>  // appointments and deals are no contacts
void take(Answer&, const Asked&, const ContactRow&, const std::string&) {}

// A note has no page of its own: it is seen on its record's timeline.
std::string link_of(const Put& put, const std::string& id, const std::string& base) {
  if (put.kind == ArtifactKind::Contact) return link_to(base, "contact", id);
  if (const auto target = guid(put.target.id)) return link_to(base, put.target.type, *target);
  return link_to(base, "annotation", id);
}

Written written(const Put& put, Written::How how, const http::Response& answer, const std::string& base) {
  const auto id = guid(put.mode == Mode::Create ? put.key : put.id).value_or("");
  return Written{id, link_of(put, id, base), how, http::date_of(answer.headers)};
}

}  // namespace

Result<Page> read_page(const Question& question, const http::Response& answer, const std::string& base) {
  if (answer.status != 200) return tl::unexpected(failure_of(answer));
  const auto json = parse_json(answer.body);
  const auto* const rows = member(json, "value");
  if (rows == nullptr || !rows->is_array()) return senseless("no list of rows");
  Page page;
  page.next = text_of(json, "@odata.nextLink");
  const bool appointments = std::holds_alternative<AppointmentAt>(question);
  for (const auto& row : *rows) {
    if (appointments) {
      auto record = record_of(row, "activityid", "subject", "appointment", base);
      if (!record) return senseless("an appointment without its id");
      page.appointments.push_back(std::move(*record));
      continue;
    }
    auto contact = read_contact(row, base);
    if (!contact) return tl::unexpected(contact.error());
    page.contacts.push_back(std::move(*contact));
  }
  return page;
}

Answer judge(const Question& question, const Page& found, const std::string& base) {
  Answer answer;
  std::set<std::string> seen;  // rows that moved while we turned the page come twice
  for (const auto& row : found.contacts)
    if (seen.insert(row.id).second)
      std::visit([&](const auto& asked) { take(answer, asked, row, base); }, question);
  std::sort(answer.contacts.begin(), answer.contacts.end(), [](const FoundContact& a, const FoundContact& b) {
    return std::tie(a.created_on, a.record.id) < std::tie(b.created_on, b.record.id);
  });
  for (const auto& record : found.appointments)
    if (seen.insert(record.id).second) answer.appointments.push_back(record);
  return answer;
}

Result<std::optional<Written>> read_written(const Put& put, const http::Response& answer,
                                            const std::string& base) {
  const bool create = put.mode == Mode::Create;
  if (succeeded(answer))
    return written(put, create ? Written::How::Created : Written::How::Updated, answer, base);
  if (!create || !says_exists(answer)) return tl::unexpected(failure_of(answer));
  if (put.kind == ArtifactKind::Contact) return std::optional<Written>();
  return written(put, Written::How::Existed, answer, base);
}

Result<Written> adopt(const Put& put, const http::Response& contact, const std::string& base) {
  if (contact.status != 200) return tl::unexpected(failure_of(contact));
  const auto row = parse_json(contact.body);
  const auto state = number_of(row, "statecode");
  if (!state) return senseless("a contact without its state");
  if (*state != active_state)
    return fail(Cause::NotFound,
                "the contact that was created for this person has since been deactivated; nothing is left on "
                "it until somebody activates it again");
  const auto& person = put.person;
  const bool same = !person.email.empty()
                        ? normalised(text_of(row, "emailaddress1")) == normalised(person.email)
                        : identity::same_number(text_of(row, "mobilephone"), person.phone, "") ||
                              identity::same_number(text_of(row, "telephone1"), person.phone, "");
  if (!same)
    return fail(Cause::NotFound,
                "the contact that was created for this person has since got another e-mail or phone; nothing "
                "is left on it");
  return written(put, Written::How::Existed, contact, base);
}

Result<std::optional<Written>> read_recalled(const Put& lost, const http::Response& answer,
                                             const std::string& base) {
  if (answer.status == 404 && failure_of(answer).cause == Cause::NotFound) return std::optional<Written>();
  if (answer.status != 200) return tl::unexpected(failure_of(answer));
  if (!parse_json(answer.body).is_object()) return senseless("no row");
  return written(lost, Written::How::Existed, answer, base);
}

}  // namespace aftercall::crm::dynamics365
