#include "rights.hpp"

#include <algorithm>
#include <utility>

#include "crm/json.hpp"
#include "reference.hpp"
#include "refusal.hpp"
#include "request.hpp"

namespace aftercall::crm::pipedrive {
namespace {

constexpr std::size_t title_units = 255;  // an activity's subject

struct Type {
  std::int64_t order = 0;
  ActivityType type;
};

// People may have renamed a type, but its key stays. Types that were put out of use are no types.
std::vector<ActivityType> types_in(const Json& json) {
  std::vector<Type> types;
  const auto* const rows = member(json, "data");
  if (rows == nullptr || !rows->is_array()) return {};
  for (const auto& row : *rows) {
    const auto* const active = member(row, "active_flag");
    const bool told = active != nullptr && active->is_boolean();  // other flags of version 1 are numbers
    const bool in_use = told ? active->get<bool>() : number_of(row, "active_flag").value_or(0) != 0;
    Type type{number_of(row, "order_nr").value_or(0), {text_of(row, "name"), text_of(row, "key_string")}};
    if (in_use && !type.type.name.empty() && !type.type.key.empty()) types.push_back(std::move(type));
  }
  std::stable_sort(types.begin(), types.end(),
                   [](const Type& a, const Type& b) { return a.order < b.order; });
  std::vector<ActivityType> found;
  found.reserve(types.size());
  for (auto& each : types) found.push_back(std::move(each.type));
  return found;
}

// A record that is not there, or that this user may not see, is an answer; so is a lack of rights.
bool says_nothing(const Result<http::Response>& answer) {
  if (!answer) return true;
  if (answer->status >= 200 && answer->status < 300) return !read_success(*answer);
  const auto cause = failure_of(*answer).cause;
  return kind_of(cause) == Kind::Transient || cause == Cause::NotAuthorized ||
         cause == Cause::SetupIncomplete;
}

}  // namespace

Result<User> read_user(const http::Response& answer) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto* const data = member(*json, "data");
  const auto id = data == nullptr ? std::nullopt : number_of(*data, "id");
  const auto company = data == nullptr ? std::nullopt : number_of(*data, "company_id");
  if (!id || !company || *id < 1 || *company < 1) return senseless("a user without ids");
  return User{*id, *company, text_of(*data, "company_name")};
}

Result<std::vector<ActivityType>> read_activity_types(const http::Response& answer) {
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  return types_in(*json);
}

Operation operation_for(Probe probe) {
  switch (probe) {
    case Probe::ActivityTypes:
      return activity_types();
    case Probe::Persons:
      return any_person();
    case Probe::Deals:
      return any_deal();
  }
  return who_am_i();
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
  can.one_note = true;
  can.note_title_length = title_units;
  can.note_text_length = most_text_bytes;
  can.note_text_in = Measure::Bytes;
  can.deals = !lacks_scope(answer_to(Probe::Deals));
  if (!can.deals) can.deals_need = "deals:read";
  if (auto types = read_activity_types(answer_to(Probe::ActivityTypes))) {
    can.activities = true;
    can.activity_types = std::move(*types);
  } else {
    can.activities_need =
        lacks_scope(answer_to(Probe::ActivityTypes)) ? "activities:full" : "to see activity types";
  }
  if (lacks_scope(answer_to(Probe::Persons))) rights.missing.emplace_back("contacts:full");
  can.read_at = now;
  return rights;
}

}  // namespace aftercall::crm::pipedrive
