#include "answer.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "address.hpp"
#include "identity/email.hpp"
#include "identity/phone.hpp"
#include "operation.hpp"
#include "refusal.hpp"

namespace aftercall::crm::pipedrive {
namespace {

// "2026-09-30T10:20:00Z" in version 2, "2026-09-30 10:20:00" in version 1; both UTC.
std::optional<Instant> time_of(const Json& row, const char* name) {
  auto text = text_of(row, name);
  if (text.size() == 19 && text[10] == ' ') {
    text[10] = 'T';
    text += 'Z';
  }
  return parse_rfc3339(text);
}

bool flag_of(const Json& row, const char* name, bool otherwise) {
  const auto* const found = member(row, name);
  if (found == nullptr) return otherwise;
  if (found->is_boolean()) return found->get<bool>();
  return found->is_number_integer() ? found->get<std::int64_t>() != 0 : otherwise;
}

std::optional<std::int64_t> id_of(const Json& row, const char* name = "id") {
  const auto id = number_of(row, name);
  return id && *id > 0 ? id : std::nullopt;
}

// Plain texts in a search, objects with a value in a list.
std::vector<std::string> values_of(const Json& row, const char* name) {
  std::vector<std::string> values;
  const auto* const list = member(row, name);
  if (list == nullptr || !list->is_array()) return values;
  for (const auto& each : *list) {
    auto value = each.is_string() ? each.get<std::string>() : text_of(each, "value");
    if (!value.empty()) values.push_back(std::move(value));
  }
  return values;
}

std::string cursor_of(const Json& json) {
  const auto* const more = member(json, "additional_data");
  return more == nullptr ? "" : text_of(*more, "next_cursor");
}

// An empty list of version 1 may be null.
Result<Json> rows_of(const Json& json) {
  const auto* const data = member(json, "data");
  if (data == nullptr) return Json::array();
  if (!data->is_array()) return senseless("no list of rows");
  return *data;
}

Result<PersonRow> read_person(const Json& row) {
  const auto id = id_of(row);
  if (!id) return senseless("a person without an id");
  return PersonRow{*id,
                   text_of(row, "name"),
                   values_of(row, "emails"),
                   values_of(row, "phones"),
                   time_of(row, "add_time"),
                   id_of(row, "owner_id").value_or(0),
                   only_created(row)};
}

struct DealRow {
  std::int64_t id = 0;
  std::string title;
  std::int64_t person = 0;
  Instant added{};
  bool gone = false;
};

Result<DealRow> read_deal_row(const Json& row) {
  const auto id = id_of(row);
  if (!id) return senseless("a deal without an id");
  return DealRow{*id, text_of(row, "title"), id_of(row, "person_id").value_or(0),
                 time_of(row, "add_time").value_or(Instant{}),
                 flag_of(row, "is_archived", false) || flag_of(row, "is_deleted", false)};
}

Deal deal_of(const DealRow& row, const std::string& base) {
  if (row.gone) return {std::nullopt, true};
  const auto id = std::to_string(row.id);
  return {CrmRecord{"deal", id, row.title, link_to(base, "deal", id)}, false};
}

std::optional<std::int64_t> next_start_of(const Json& json) {
  const auto* const more = member(json, "additional_data");
  const auto* const paging = more == nullptr ? nullptr : member(*more, "pagination");
  if (paging == nullptr || !flag_of(*paging, "more_items_in_collection", false)) return std::nullopt;
  const auto next = number_of(*paging, "next_start");
  return next && *next > 0 ? next : std::nullopt;
}

}  // namespace

bool is_gone(const Json& row) {
  return flag_of(row, "is_deleted", false) || !flag_of(row, "active_flag", true);
}

// The same second, or the one after.
bool only_created(const Json& row) {
  const auto added = time_of(row, "add_time");
  const auto updated = time_of(row, "update_time");
  constexpr std::chrono::seconds shade{5};
  return added && (!updated || *updated - *added <= shade);
}

Result<bool> is_gone(const http::Response& answer, std::int64_t person) {
  if (says_not_there(answer)) return true;
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto* const row = member(*json, "data");
  if (row == nullptr || !id_of(*row, "id")) return senseless("a person without an id");
  return is_gone(*row) || id_of(*row, "id") != person;
}

Result<PersonPage> read_search(const http::Response& answer) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto* const data = member(*json, "data");
  const auto* const items = data == nullptr ? nullptr : member(*data, "items");
  if (items == nullptr || !items->is_array()) return senseless("a search without items");
  PersonPage page{{}, cursor_of(*json)};
  for (const auto& each : *items) {
    const auto* const item = member(each, "item");
    if (item == nullptr) return senseless("a search with an empty item");
    auto person = read_person(*item);
    if (!person) return tl::unexpected(person.error());
    page.persons.push_back(std::move(*person));
  }
  return page;
}

Result<PersonPage> read_list(const http::Response& answer) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto rows = rows_of(*json);
  if (!rows) return tl::unexpected(rows.error());
  PersonPage page{{}, cursor_of(*json)};
  for (const auto& row : *rows) {
    if (is_gone(row)) continue;
    auto person = read_person(row);
    if (!person) return tl::unexpected(person.error());
    if (!person->added) return senseless("a person without a date");
    page.persons.push_back(std::move(*person));
  }
  return page;
}

Result<PersonRow> read_person(const http::Response& answer) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto* const data = member(*json, "data");
  if (data == nullptr) return senseless("no person");
  auto person = read_person(*data);
  if (person && !person->added) return senseless("a person without a date");
  return person;
}

bool has_email(const PersonRow& person, const std::string& normalised) {
  return std::any_of(person.emails.begin(), person.emails.end(), [&](const std::string& text) {
    return identity::normalise_email(text).value_or(text) == normalised;
  });
}

bool has_phone(const PersonRow& person, const std::string& e164, const std::string& region) {
  return std::any_of(person.phones.begin(), person.phones.end(),
                     [&](const std::string& text) { return identity::same_number(text, e164, region); });
}

Result<Deal> read_deal(const http::Response& answer, const std::string& base) {
  if (says_not_there(answer)) return Deal{};
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto* const data = member(*json, "data");
  if (data == nullptr) return senseless("no deal");
  const auto row = read_deal_row(*data);
  if (!row) return tl::unexpected(row.error());
  return deal_of(*row, base);
}

Result<Deal> read_newest_deal(const http::Response& answer, std::int64_t person, const std::string& base) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto rows = rows_of(*json);
  if (!rows) return tl::unexpected(rows.error());
  std::optional<DealRow> newest;
  for (const auto& each : *rows) {
    auto row = read_deal_row(each);
    if (!row) return tl::unexpected(row.error());
    if (row->gone || row->person != person) continue;  // a mere participant's deal is somebody else's
    if (!newest || std::tie(newest->added, newest->id) < std::tie(row->added, row->id))
      newest = std::move(*row);
  }
  return newest ? deal_of(*newest, base) : Deal{std::nullopt, false, cursor_of(*json)};
}

Result<TracePage> read_notes(const http::Response& answer) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto rows = rows_of(*json);
  if (!rows) return tl::unexpected(rows.error());
  TracePage page{{}, next_start_of(*json), ""};
  for (const auto& row : *rows) {
    const auto id = id_of(row);
    if (!id) return senseless("a note without an id");
    const auto* const user = member(row, "user");
    if (!is_gone(row))
      page.traces.push_back({*id, text_of(row, "content"), user != nullptr && flag_of(*user, "is_you", false),
                             0, only_created(row), id_of(row, "deal_id").value_or(0)});
    page.last_added = time_of(row, "add_time");
  }
  return page;
}

Result<TracePage> read_activities(const http::Response& answer) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto rows = rows_of(*json);
  if (!rows) return tl::unexpected(rows.error());
  TracePage page{{}, std::nullopt, cursor_of(*json)};
  for (const auto& row : *rows) {
    const auto id = id_of(row);
    if (!id) return senseless("an activity without an id");
    if (!is_gone(row))
      page.traces.push_back({*id, text_of(row, "note"), false, id_of(row, "creator_user_id").value_or(0),
                             only_created(row), id_of(row, "deal_id").value_or(0)});
    page.last_added = time_of(row, "add_time");
  }
  return page;
}

Result<Participants> read_participants(const http::Response& answer) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto* const data = member(*json, "data");
  if (data == nullptr) return senseless("no activity");
  Participants found;
  const auto* const rows = member(*data, "participants");
  if (rows == nullptr) return found;
  if (!rows->is_array()) return senseless("no list of participants");
  for (const auto& row : *rows) {
    const auto person = id_of(row, "person_id");
    if (!person) return senseless("a participant without an id");
    found.push_back({*person, flag_of(row, "primary", false)});
  }
  return found;
}

Result<Written> read_written(const Put& put, const http::Response& answer, const std::string& base) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto* const data = member(*json, "data");
  const auto id = data == nullptr ? std::nullopt : id_of(*data);
  if (!id) return senseless("a record without an id");
  const bool update = put.mode == Mode::Update;
  if (update && *id != id_in(put.id)) return senseless("another record than the one that was to be updated");
  // A record that a person deleted may still take an update, and stays deleted.
  if (update && is_gone(*data)) return fail(Cause::NotFound, "the record was deleted in Pipedrive");
  return Written{std::to_string(*id), link_of(put, *id, base),
                 update ? Written::How::Updated : Written::How::Created, http::date_of(answer.headers)};
}

std::string link_of(const Put& put, std::int64_t id, const std::string& base) {
  if (put.kind == ArtifactKind::Contact) return link_to(base, "contact", std::to_string(id));
  const auto place = id_in(put.target.id);
  return place ? link_to(base, put.target.type, std::to_string(*place)) : "";
}

}  // namespace aftercall::crm::pipedrive
