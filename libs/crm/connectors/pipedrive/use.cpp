#include "use.hpp"

#include "answer.hpp"
#include "refusal.hpp"
#include "request.hpp"

namespace aftercall::crm::pipedrive {

std::vector<Operation> signs_of_use(std::int64_t person) {
  return {person_by_id(person), any_deal_of(person), any_note_on(person), any_activity_of(person)};
}

Result<bool> says_in_use(const http::Response& answer) {
  if (says_not_there(answer)) return false;
  const auto json = read_success(answer);
  if (!json) return tl::unexpected(json.error());
  const auto* const data = member(*json, "data");
  if (data == nullptr) return false;  // an empty list of version 1
  if (data->is_array()) return !data->empty();
  if (is_gone(*data)) return false;
  return !only_created(*data);
}

}  // namespace aftercall::crm::pipedrive
