#include "request.hpp"

#include <algorithm>
#include <utility>

#include "crm/json.hpp"
#include "domain/utf8.hpp"
#include "http/url.hpp"
#include "identity/phone.hpp"
#include "reference.hpp"

namespace aftercall::crm::pipedrive {
namespace {

constexpr std::string_view search_page = "100";
constexpr std::string_view list_page = "500";
constexpr std::string_view text_page = "50";  // notes and activities bear their whole text, up to 100 kB each
constexpr std::size_t name_units = 255;

Operation get(std::string path, int tokens) {
  Operation operation;
  operation.path = std::move(path);
  operation.tokens = tokens;
  return operation;
}

std::string query(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  return "?" + http::form(fields);
}

Operation search(std::string_view term, std::string_view field, bool exact) {
  auto operation = get("/api/v2/persons/search" + query({{"term", term},
                                                         {"fields", field},
                                                         {"exact_match", exact ? "true" : "false"},
                                                         {"limit", search_page}}),
                       20);
  operation.search = true;
  return operation;
}

// Fractions of a second are refused.
std::string whole_seconds(Instant at) { return rfc3339(std::chrono::floor<std::chrono::seconds>(at)); }

Operation write(std::string method, std::string path, const Json& row, int tokens) {
  Operation operation;
  operation.method = std::move(method);
  operation.path = std::move(path);
  operation.body = dump(row);
  operation.tokens = tokens;
  operation.repeatable = operation.method != "POST";
  return operation;
}

// The records that a put hangs on, each kind by itself.
struct Places {
  std::vector<std::int64_t> persons;  // the target first
  std::optional<std::int64_t> deal;
};

Result<void> add(Places& places, const CrmRecord& record) {
  const auto id = id_in(record.id);
  if (!id) return fail(Cause::Rejected, "a record has no id that Pipedrive could have given");
  if (record.type == "deal") {
    places.deal = *id;
    return {};
  }
  if (record.type != "contact")
    return fail(Cause::Rejected, "Pipedrive's notes do not go to a record of type " + record.type);
  if (std::find(places.persons.begin(), places.persons.end(), *id) == places.persons.end())
    places.persons.push_back(*id);
  return {};
}

Result<Places> places_of(const Put& put) {
  Places places;
  if (auto added = add(places, put.target); !added) return tl::unexpected(added.error());
  for (const auto& record : put.beside)
    if (auto added = add(places, record); !added) return tl::unexpected(added.error());
  return places;
}

Result<std::string> text_of(const Put& put) {
  if (put.key.empty()) return fail(Cause::Rejected, "a text without a key could not be found again");
  auto text = with_reference(put.content.html, put.key);
  if (text.size() > most_note_bytes)
    return fail(Cause::TooLong,
                "a text of " + std::to_string(text.size()) + " bytes is more than Pipedrive holds");
  return text;
}

// An update may have no place to tell: the record keeps its own.
Result<Places> places_for(const Put& put) {
  const bool keeps = put.mode == Mode::Update && put.target.id.empty();
  return keeps ? Result<Places>(Places{}) : places_of(put);
}

Result<Operation> addressed(const Put& put, std::string set, const Json& row, std::string verb, int create,
                            int update) {
  if (put.mode == Mode::Create) return write("POST", std::move(set), row, create);
  const auto id = id_in(put.id);
  if (!id) return fail(Cause::Rejected, "the record to update has no id that Pipedrive could have given");
  return write(std::move(verb), set + "/" + std::to_string(*id), row, update);
}

Result<Operation> note(const Put& put) {
  const auto places = places_for(put);
  if (!places) return tl::unexpected(places.error());
  auto text = text_of(put);
  if (!text) return tl::unexpected(text.error());
  Json row = {{"content", std::move(*text)}};
  // A note stays with its person: who that is may have changed since, by a merge or by hand.
  if (!places->persons.empty() && put.mode == Mode::Create) row["person_id"] = places->persons.front();
  if (places->deal) row["deal_id"] = *places->deal;
  return addressed(put, "/api/v1/notes", row, "PUT", 10, 10);
}

std::string two_digits(std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::string hours_and_minutes(std::chrono::minutes time) {
  constexpr std::chrono::minutes a_day{24 * 60};
  const auto minutes = std::min(time, a_day - std::chrono::minutes(1)).count();
  return two_digits(minutes / 60) + ":" + two_digits(minutes % 60);
}

// person_id is refused; whom an activity was with stands in its participants, the first of whom is the one
// that lists go by.
Participants participants_of(const Places& places) {
  Participants participants;
  for (const auto person : places.persons) participants.push_back({person, participants.empty()});
  return participants;
}

Json rows_of(const Participants& participants) {
  auto rows = Json::array();
  for (const auto& each : participants)
    rows.push_back({{"person_id", each.person}, {"primary", each.primary}});
  return rows;
}

Result<Operation> activity(const Put& put, const Participants& participants) {
  const auto places = places_for(put);
  if (!places) return tl::unexpected(places.error());
  auto text = text_of(put);
  if (!text) return tl::unexpected(text.error());
  if (put.occasion.type.empty()) return fail(Cause::Rejected, "an activity without a type");
  const auto due = whole_seconds(put.occasion.start);
  Json row = {{"subject", std::string(first_units(put.content.title, name_units))},
              {"type", put.occasion.type},
              {"done", true},  // it took place; else it would show as overdue
              {"note", std::move(*text)}};
  if (put.mode == Mode::Create || !put.occasion.assumed) {
    row["due_date"] = due.substr(0, 10);
    row["due_time"] = due.substr(11, 5);
  }
  if (put.occasion.duration.count() > 0) row["duration"] = hours_and_minutes(put.occasion.duration);
  auto people = rows_of(put.mode == Mode::Create ? participants_of(*places) : participants);
  if (!people.empty()) row["participants"] = std::move(people);
  if (places->deal) row["deal_id"] = *places->deal;
  return addressed(put, "/api/v2/activities", row, "PATCH", 5, 5);
}

Json first_value(const std::string& value) {
  return Json::array({{{"value", value}, {"primary", true}, {"label", "work"}}});
}

Result<Operation> person(const Put& put) {
  if (put.mode == Mode::Update) return fail(Cause::Rejected, "a person that exists is never changed");
  Json row = {{"name", name_of(put.person)}};
  if (row["name"].get_ref<const std::string&>().empty())
    return fail(Cause::Rejected, "a person without a name");
  if (!put.person.email.empty()) row["emails"] = first_value(put.person.email);
  if (!put.person.phone.empty()) row["phones"] = first_value(put.person.phone);
  return write("POST", "/api/v2/persons", row, 5);
}

}  // namespace

http::Request wrap(const Operation& operation, const Sender& sender) {
  http::Request request;
  request.method = operation.method;
  request.target = sender.base + operation.path;
  const std::string token(sender.token.reveal());
  if (sender.bearer)
    request.headers.add("Authorization", "Bearer " + token);
  else
    request.headers.add("x-api-token", token);
  request.headers.add("Accept", "application/json");
  if (!operation.body.empty()) request.headers.add("Content-Type", "application/json");
  if (!sender.request_id.empty()) request.headers.add("x-request-id", sender.request_id);
  if (!sender.traceparent.empty()) request.headers.add("traceparent", sender.traceparent);
  request.body = operation.body;
  request.repeatable = operation.repeatable;
  return request;
}

Operation next_page(Operation operation, std::string_view cursor) {
  constexpr std::string_view name = "&cursor=";
  operation.path.resize(std::min(operation.path.find(name), operation.path.size()));
  operation.path.append(name).append(http::percent_encode(cursor));
  return operation;
}

Operation who_am_i() { return get("/api/v1/users/me", 2); }
Operation activity_types() { return get("/api/v1/activityTypes", 20); }
Operation any_person() { return get("/api/v2/persons/1", 1); }
Operation any_deal() { return get("/api/v2/deals/1", 1); }

Operation persons_by_email(std::string_view email) { return search(email, "email", true); }

std::vector<Operation> persons_by_phone(std::string_view e164, std::string_view region) {
  const auto wanted = identity::search_for(e164, region);
  if (wanted.national.empty()) return {};
  std::vector<Operation> operations{search(wanted.national, "phone", false)};
  for (const auto& notation : wanted.exact)
    if (notation.find(wanted.national) == std::string::npos && !notation.starts_with("tel:"))
      operations.push_back(search(notation, "phone", true));
  return operations;
}

Operation deal_by_id(std::int64_t id) { return get("/api/v2/deals/" + std::to_string(id), 1); }

Operation newest_deals_of(std::int64_t person) {
  return get("/api/v2/deals" + query({{"person_id", std::to_string(person)},
                                      {"sort_by", "add_time"},
                                      {"sort_direction", "desc"},
                                      {"limit", "10"}}),
             10);
}

Operation person_by_id(std::int64_t id) { return get("/api/v2/persons/" + std::to_string(id), 1); }

Operation any_deal_of(std::int64_t person) {
  return get("/api/v2/deals" + query({{"person_id", std::to_string(person)}, {"limit", "1"}}), 10);
}

Operation any_note_on(std::int64_t person) {
  return get("/api/v1/notes" + query({{"person_id", std::to_string(person)}, {"start", "0"}, {"limit", "1"}}),
             20);
}

Operation any_activity_of(std::int64_t person) {
  return get("/api/v2/activities" + query({{"person_id", std::to_string(person)}, {"limit", "1"}}), 10);
}

Operation activity_by_id(std::int64_t id) { return get("/api/v2/activities/" + std::to_string(id), 1); }

Operation persons_by_id(const std::vector<std::int64_t>& ids) {
  std::string list;
  for (const auto id : ids) list += (list.empty() ? "" : ",") + std::to_string(id);
  return get("/api/v2/persons" + query({{"ids", list}, {"limit", search_page}}), 10);
}

std::string name_of(const Person& person) {
  const auto first = person.name.find_first_not_of(" \t\r\n");
  std::string_view name;
  if (first != std::string::npos)
    name = std::string_view(person.name).substr(first, person.name.find_last_not_of(" \t\r\n") - first + 1);
  if (name.empty()) name = std::string_view(person.email).substr(0, person.email.find('@'));
  if (name.empty()) name = person.phone;
  return std::string(first_units(name, name_units));
}

Result<Operation> operation_for(const Put& put, const Participants& participants) {
  switch (put.kind) {
    case ArtifactKind::Contact:
      return person(put);
    case ArtifactKind::Note:
      return note(put);
    case ArtifactKind::Activity:
      return activity(put, participants);
  }
  return fail(Cause::NeedsNewerStage, "an artifact of a kind that this release does not know");
}

Result<Operation> recall_of(const Put& lost, Instant since, Among among, std::int64_t start) {
  // Clocks differ by minutes. What is found too early is told by its reference, or is the person, too.
  constexpr std::chrono::minutes slack{10};
  const auto from = whole_seconds(std::max(since - slack, Instant{}));
  if (lost.kind == ArtifactKind::Contact)
    return get("/api/v2/persons" + query({{"updated_since", from},
                                          {"sort_by", "add_time"},
                                          {"sort_direction", "desc"},
                                          {"limit", list_page}}),
               10);
  if (lost.key.empty()) return fail(Cause::Rejected, "without a key nothing is found again");
  const auto places = places_of(lost);
  if (!places) return tl::unexpected(places.error());
  std::string where;
  if (among == Among::ItsRecord)
    where = places->persons.empty() ? "deal_id=" + std::to_string(*places->deal) + "&"
                                    : "person_id=" + std::to_string(places->persons.front()) + "&";
  if (lost.kind == ArtifactKind::Note)
    return get("/api/v1/notes?" + where +
                   http::form({{"updated_since", from},
                               {"sort", "add_time DESC"},
                               {"start", std::to_string(start)},
                               {"limit", text_page}}),
               20);
  return get("/api/v2/activities?" + where +
                 http::form({{"updated_since", from},
                             {"sort_by", "add_time"},
                             {"sort_direction", "desc"},
                             {"limit", text_page}}),
             10);
}

Result<Operation> removal_of(ArtifactKind kind, std::string_view id) {
  const auto number = id_in(id);
  if (!number)
    return fail(Cause::Rejected, "what is to be removed has no id that Pipedrive could have given");
  Operation operation;
  operation.method = "DELETE";
  const bool note = kind == ArtifactKind::Note;
  const auto* const set =
      note ? "/api/v1/notes/" : (kind == ArtifactKind::Activity ? "/api/v2/activities/" : "/api/v2/persons/");
  operation.path = set + std::to_string(*number);
  operation.tokens = note ? 6 : 3;
  return operation;
}

}  // namespace aftercall::crm::pipedrive
