#include "rights.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "crm/json.hpp"
#include "http/url.hpp"
#include "odata.hpp"
#include "refusal.hpp"
#include "request.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

// Without these no session leaves its main record, the note on a contact.
constexpr std::array<std::string_view, 5> needed{"prvReadContact", "prvCreateNote", "prvWriteNote",
                                                 "prvAppendNote", "prvAppendToContact"};
// Without these, accounts or appointments are left out.
constexpr std::array<std::string_view, 2> for_accounts{"prvReadAccount", "prvAppendToAccount"};
constexpr std::array<std::string_view, 2> for_appointments{"prvReadActivity", "prvAppendToActivity"};

std::string privilege_names() {
  auto names = Json::array();
  for (const auto name : needed) names.push_back(name);
  for (const auto name : for_accounts) names.push_back(name);
  for (const auto name : for_appointments) names.push_back(name);
  return dump(names);
}

Operation length_of(const std::string& table, const std::string& column, const std::string& kind) {
  return get("EntityDefinitions(LogicalName='" + table + "')/Attributes(LogicalName='" + column +
             "')/Microsoft.Dynamics.CRM." + kind + "AttributeMetadata?$select=MaxLength");
}

Operation first_of(const std::string& set, const std::string& columns) {
  Query query;
  query.set = set;
  query.select = columns;
  query.top = 1;
  return get(query.target());
}

bool holds(const std::set<std::string>& names, const std::string_view name) {
  return names.contains(std::string(name));
}

template <class Names>
bool holds_all(const std::set<std::string>& held, const Names& names) {
  return std::all_of(names.begin(), names.end(), [&](auto name) { return holds(held, name); });
}

// A column's length; where the organisation does not tell, the length that every organisation has at least.
std::size_t length_of(const http::Response& answer, std::size_t usual) {
  constexpr std::int64_t most = 1'073'741'823;
  if (answer.status != 200) return usual;
  const auto length = number_of(parse_json(answer.body), "MaxLength");
  return length && *length > 0 && *length <= most ? static_cast<std::size_t>(*length) : usual;
}

// The names among needed and other privileges that the user holds; nothing when the organisation did not say.
std::optional<std::set<std::string>> privileges_of(const http::Response& answer) {
  if (answer.status != 200) return std::nullopt;
  const auto json = parse_json(answer.body);
  const auto* const rows = member(json, "RolePrivileges");
  if (rows == nullptr || !rows->is_array()) return std::nullopt;
  std::set<std::string> names;
  for (const auto& row : *rows) names.insert(text_of(row, "PrivilegeName"));
  return names;
}

// Only a definite answer says something about what we may do.
bool says_nothing(const Result<http::Response>& answer) {
  if (!answer) return true;
  if (answer->status < 400) return false;
  const auto cause = failure_of(*answer).cause;
  return kind_of(cause) == Kind::Transient || cause == Cause::NotAuthorized;
}

bool forbidden(const http::Response& answer) {
  return answer.status >= 400 && failure_of(answer).cause == Cause::NotPermitted;
}

void lacks(Rights& rights, std::string_view name) {
  const auto known = std::find(rights.missing.begin(), rights.missing.end(), name);
  if (known == rights.missing.end()) rights.missing.emplace_back(name);
}

void narrow(Rights& rights, const std::set<std::string>& held) {
  for (const auto name : needed)
    if (!holds(held, name)) lacks(rights, name);
  auto& can = rights.capabilities;
  can.accounts = can.accounts && holds_all(held, for_accounts);
  can.appointments = can.appointments && holds_all(held, for_appointments);
}

}  // namespace

Operation who_am_i() { return get("WhoAmI"); }

Operation operation_for(Probe probe, const std::string& user_id) {
  switch (probe) {
    case Probe::Privileges:
      return get(
          "systemusers(" + user_id +
          ")/Microsoft.Dynamics.CRM.RetrieveUserSetOfPrivilegesByNames(PrivilegeNames=@names)?@names=" +
          http::percent_encode(privilege_names()));
    case Probe::Email:
      return length_of("contact", "emailaddress1", "String");
    case Probe::Title:
      return length_of("annotation", "subject", "String");
    case Probe::Text:
      return length_of("annotation", "notetext", "Memo");
    case Probe::Appointments:
      return first_of("appointments", "activityid,onlinemeetingjoinurl");
    case Probe::Contacts:
      return first_of("contacts", "contactid");
    case Probe::Notes:
      return first_of("annotations", "annotationid");
  }
  return who_am_i();
}

Result<Identity> read_identity(const http::Response& answer) {
  if (answer.status != 200) return tl::unexpected(failure_of(answer));
  const auto json = parse_json(answer.body);
  const auto user = guid(text_of(json, "UserId"));
  const auto organisation = guid(text_of(json, "OrganizationId"));
  if (!user || !organisation) return senseless("WhoAmI without ids");
  return Identity{*user, *organisation};
}

Result<Rights> read_rights(const std::vector<Result<http::Response>>& probes, Instant now) {
  for (const auto& probe : probes)
    if (says_nothing(probe)) return tl::unexpected(probe ? failure_of(*probe) : probe.error());
  if (probes.size() != every_probe.size()) return senseless("too few answers");
  const auto answer_to = [&](Probe probe) -> const http::Response& {
    return *probes[static_cast<std::size_t>(probe)];
  };

  Rights rights;
  auto& can = rights.capabilities;
  can.keyed_writes = can.accounts = true;
  can.appointments = succeeded(answer_to(Probe::Appointments));
  can.join_url_length = join_url_length;
  can.contact_email_length = length_of(answer_to(Probe::Email), 100);
  can.note_title_length = length_of(answer_to(Probe::Title), 500);
  can.note_text_length = length_of(answer_to(Probe::Text), 100'000);
  can.read_at = now;
  if (forbidden(answer_to(Probe::Contacts))) lacks(rights, "prvReadContact");
  if (forbidden(answer_to(Probe::Notes))) lacks(rights, "prvReadNote");
  if (const auto held = privileges_of(answer_to(Probe::Privileges))) narrow(rights, *held);
  return rights;
}

}  // namespace aftercall::crm::dynamics365
