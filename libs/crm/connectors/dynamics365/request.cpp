#include "request.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include "crm/json.hpp"
#include "domain/utf8.hpp"
#include "http/url.hpp"
#include "identity/phone.hpp"
#include "odata.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

constexpr std::size_t emails_a_query = 20;
constexpr std::size_t filter_length = 6'000;  // of the 8,000 characters that a URL may safely have
constexpr std::size_t name_length = 50;       // of firstname and lastname
constexpr std::string_view page = "odata.maxpagesize=500";

Operation rows(const Query& query) {
  auto operation = get(query.target());
  operation.headers.add("Prefer", std::string(page));
  return operation;
}

Query contacts_where(std::string filter, bool with_accounts) {
  Query query;
  query.set = "contacts";
  query.select = "contactid,fullname,emailaddress1,mobilephone,telephone1,statecode,createdon";
  if (with_accounts) query.expand = "parentcustomerid_account($select=accountid,name)";
  query.filter = std::move(filter);
  query.order = "createdon,contactid";
  return query;
}

void or_else(std::string& filter, const std::string& clause) {
  if (!filter.empty()) filter += " or ";
  filter += clause;
}

// All e-mails of a session, in as few queries as URLs allow.
std::vector<Operation> queries(const ContactsByEmail& asked, bool with_accounts) {
  std::vector<Operation> found;
  std::string filter;
  std::size_t clauses = 0;
  std::size_t length = 0;
  const auto finish = [&] {
    if (clauses > 0) found.push_back(rows(contacts_where(std::move(filter), with_accounts)));
    filter.clear();
    clauses = length = 0;
  };
  for (const auto& email : asked.emails) {
    if (email.empty()) continue;  // would find everybody without an e-mail
    const auto clause = "emailaddress1 eq " + literal(email);
    const auto encoded = http::percent_encode(clause).size() + 8;
    if (clauses == emails_a_query || (clauses > 0 && length + encoded > filter_length)) finish();
    or_else(filter, clause);
    ++clauses;
    length += encoded;
  }
  finish();
  return found;
}

// Phones are free text: every usual notation, and these digits with anything between them ('%' is a wildcard
// in contains). What is found is only a candidate.
std::vector<Operation> queries(const ContactsByPhone& asked, bool with_accounts) {
  const auto search = identity::search_for(asked.e164, asked.region);
  std::string filter;
  for (const auto* const column : {"mobilephone", "telephone1"}) {
    for (const auto& text : search.exact) or_else(filter, std::string(column) + " eq " + literal(text));
    if (!search.digits.empty())
      or_else(filter,
              "contains(" + std::string(column) + "," + literal(identity::like_pattern(search.digits)) + ")");
  }
  if (filter.empty()) return {};
  return {rows(contacts_where(std::move(filter), with_accounts))};
}

// A recurring series shares one URL, so the start tells its meetings apart. What was cancelled did not take
// place.
std::vector<Operation> queries(const AppointmentAt& asked, bool) {
  if (asked.join_url.empty() || asked.join_url.size() > join_url_length) return {};
  constexpr std::chrono::minutes around{30};
  constexpr int cancelled = 2;
  Query query;
  query.set = "appointments";
  query.select = "activityid,subject,scheduledstart";
  query.filter = "onlinemeetingjoinurl eq " + literal(asked.join_url) + " and scheduledstart ge " +
                 rfc3339(asked.start - around) + " and scheduledstart le " + rfc3339(asked.start + around) +
                 " and statecode ne " + std::to_string(cancelled);
  query.order = "scheduledstart,activityid";
  return {rows(query)};
}

// Notes do not go to opportunities here.
std::vector<Operation> queries(const DealById&, bool) { return {}; }
std::vector<Operation> queries(const NewestDealOf&, bool) { return {}; }
std::vector<Operation> queries(const ActivityTypesNow&, bool) { return {}; }

std::string_view without_spaces_around(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Operation patch(std::string path, bool create, const Json& row) {
  Operation operation;
  operation.method = "PATCH";
  operation.path = std::move(path);
  operation.headers = {{"Accept", "application/json"},
                       {"Content-Type", "application/json; charset=utf-8"},
                       {create ? "If-None-Match" : "If-Match", "*"}};
  operation.body = dump(row);
  return operation;
}

struct Bindable {
  std::string_view type, set;
};
constexpr std::array<Bindable, 4> bindable{{{"contact", "contacts"},
                                            {"account", "accounts"},
                                            {"appointment", "appointments"},
                                            {"incident", "incidents"}}};

// A note hangs on one record, by the navigation property of that record's table: objectid_contact and so on.
Result<void> bind(Json& row, const CrmRecord& target) {
  const auto id = guid(target.id);
  if (!id) return fail(Cause::Rejected, "the note's target has no id that Dynamics 365 could have given");
  for (const auto& [type, set] : bindable) {
    if (type != target.type) continue;
    row["objectid_" + std::string(type) + "@odata.bind"] = "/" + std::string(set) + "(" + *id + ")";
    return {};
  }
  return fail(Cause::Rejected, "Dynamics 365 holds no note on a record of type " + target.type);
}

Result<Operation> note(const Put& put) {
  Json row = {{"subject", put.content.title}, {"notetext", put.content.html}};
  const bool create = put.mode == Mode::Create;
  const auto id = guid(create ? put.key : put.id);
  if (!id) return fail(Cause::Rejected, "a note's key must be a UUID");
  if (create)
    if (auto bound = bind(row, put.target); !bound) return tl::unexpected(bound.error());
  return patch("annotations(" + *id + ")", create, row);
}

Result<Operation> contact(const Put& put) {
  if (put.mode == Mode::Update) return fail(Cause::Rejected, "a contact that exists is never changed");
  const auto id = guid(put.key);
  if (!id) return fail(Cause::Rejected, "a contact's key must be a UUID");
  const auto name = name_of(put.person);
  Json row = {{"lastname", name.last}};
  if (!name.first.empty()) row["firstname"] = name.first;
  if (!put.person.email.empty()) row["emailaddress1"] = put.person.email;
  if (!put.person.phone.empty()) row["mobilephone"] = put.person.phone;
  return patch("contacts(" + *id + ")", true, row);
}

}  // namespace

std::vector<Operation> queries_for(const Question& question, bool with_accounts) {
  return std::visit([&](const auto& asked) { return queries(asked, with_accounts); }, question);
}

Result<Operation> next_page(std::string_view link, const std::string& service_root) {
  const auto url = http::parse_url(link);
  const auto root = http::parse_url(service_root);
  if (!url || !root || url->origin() != root->origin() || !url->target.starts_with(root->target))
    return fail(Cause::Malformed,
                "Dynamics 365 continued its answer at another address; that is not followed");
  auto operation = get(url->target.substr(root->target.size()));
  operation.headers.add("Prefer", std::string(page));
  return operation;
}

Result<Operation> operation_for(const Put& put) {
  switch (put.kind) {
    case ArtifactKind::Contact:
      return contact(put);
    case ArtifactKind::Note:
      return note(put);
    case ArtifactKind::Activity:
      return fail(Cause::Rejected, "activities are not made in Dynamics 365");
  }
  return fail(Cause::NeedsNewerStage, "an artifact of a kind that this release does not know");
}

Operation contact_by_key(const std::string& key) {
  Query query;
  query.set = "contacts(" + guid(key).value_or("") + ")";
  query.select = "contactid,emailaddress1,mobilephone,telephone1,statecode";
  return get(query.target());
}

Operation recall_of(const Put& lost) {
  if (lost.kind == ArtifactKind::Contact) return contact_by_key(lost.key);
  Query query;
  query.set = "annotations(" + guid(lost.key).value_or("") + ")";
  query.select = "annotationid,createdon";
  return get(query.target());
}

Name name_of(const Person& person) {
  auto text = without_spaces_around(person.name);
  if (text.empty()) text = std::string_view(person.email).substr(0, person.email.find('@'));
  if (text.empty()) text = person.phone;
  const auto space = text.rfind(' ');
  if (space == std::string_view::npos) return {"", std::string(first_units(text, name_length))};
  return {std::string(first_units(without_spaces_around(text.substr(0, space)), name_length)),
          std::string(first_units(text.substr(space + 1), name_length))};
}

}  // namespace aftercall::crm::dynamics365
