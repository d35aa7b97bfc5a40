#include <charconv>
#include <optional>

#include "crm.hpp"

namespace load {
namespace {

constexpr std::size_t longest_note = 100'000;
constexpr std::string_view headers =
    "Content-Type: application/json; charset=utf-8\r\nx-ratelimit-limit: 100000\r\n"
    "x-ratelimit-remaining: 99999\r\nx-ratelimit-reset: 2\r\n";

std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const auto at = text.find(before);
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + before.size());
  return rest.substr(0, rest.find(after));
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t found = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return found;
}

// Pipedrive: the newest deal of a person, and the note on both; and the search for a person, whose answer its
// limits make everybody keep. guest-<eight digits>@… is the person with that number and one, and has one
// deal.
class Pipedrive final : public Crm {
 public:
  Kind kind_of(const Message& message) const override {
    const auto line = start_line(message);
    const auto target = target_of(line);
    if (line.starts_with("GET ") && target.find("/api/v2/persons/search?") != std::string_view::npos)
      return Kind::Search;
    if (line.starts_with("GET ") && target.find("/api/v2/deals?") != std::string_view::npos)
      return Kind::Look;
    if (line.starts_with("POST ") && target.ends_with("/api/v1/notes")) return Kind::Write;
    return Kind::Other;
  }

  std::string_view credential(const Message& message) const override {
    return header(message.head, "x-api-token");
  }

  std::string answer(const Message& message) override {
    const auto target = target_of(start_line(message));
    if (credential(message).empty()) return refusal("a call without x-api-token");
    if (header(message.head, "accept") != "application/json") return refusal("a call that takes no JSON");
    switch (kind_of(message)) {
      case Kind::Search:
        return search(target);
      case Kind::Look:
        return newest_deal(target);
      default:
        return note(message);
    }
  }

 private:
  std::string search(std::string_view target) {
    const auto term = between(target, "term=guest-", "&");
    const auto guest = number(term.substr(0, 8));
    if (!guest || term.substr(8) != "%40customer.example" || between(target, "fields=", "&") != "email" ||
        between(target, "exact_match=", "&") != "true")
      return refusal("a search that is none for a guest by e-mail");
    const std::string digits(term.substr(0, 8));
    return success(R"({"items":[{"result_score":0.92,"item":{"id":)" + std::to_string(*guest + 1) +
                       R"(,"type":"person","name":"Guest )" + digits + R"(","phones":[],"emails":["guest-)" +
                       digits +
                       R"(@customer.example"],"visible_to":3,"owner":{"id":11},"organization":null,)"
                       R"("custom_fields":[],"notes":[]}}]})",
                   R"({"next_cursor":null})");
  }

  std::string newest_deal(std::string_view target) {
    const auto person = number(between(target, "person_id=", "&"));
    if (!person || *person == 0 || between(target, "sort_by=", "&") != "add_time" ||
        between(target, "sort_direction=", "&") != "desc")
      return refusal("a look that is none for a person's newest deal");
    return success(R"([{"id":)" + std::to_string(deal_of(*person)) + R"(,"title":"Renewal","person_id":)" +
                       std::to_string(*person) +
                       R"(,"org_id":null,"owner_id":11,"creator_user_id":11,"status":"open","stage_id":2,)"
                       R"("pipeline_id":1,"value":200,"currency":"EUR","add_time":"2026-09-01T08:00:00Z",)"
                       R"("update_time":"2026-09-20T08:00:00Z","is_archived":false,"is_deleted":false,)"
                       R"("visible_to":3,"custom_fields":{}}])",
                   R"({"next_cursor":null})");
  }

  std::string note(const Message& message) {
    const std::string_view body = message.body;
    const auto person = number(between(body, R"(,"person_id":)", "}"));
    const auto deal = number(between(body, R"(,"deal_id":)", ","));
    if (!header(message.head, "content-type").starts_with("application/json"))
      return refusal("a note that is no JSON");
    if (!body.starts_with(R"({"content":")") || !body.ends_with('}') || body.size() > longest_note)
      return refusal("a note that is not whole or too long");
    if (body.find("Ref: ") == std::string_view::npos) return refusal("a note without a reference");
    if (!person || !deal || *deal != deal_of(*person))
      return refusal("a note on nobody, or on another's deal");
    made_record();
    std::string row = R"({"id":)" + std::to_string(records()) +
                      R"(,"active_flag":true,"add_time":"2026-09-30 10:21:00","update_time":)"
                      R"("2026-09-30 10:21:00","org_id":null,"lead_id":null,"user_id":11,)";
    row.append(body.substr(1));
    return success(std::move(row), "null");
  }

  static std::uint32_t deal_of(std::uint32_t person) { return 50'000'000 + person; }

  static std::string success(std::string data, std::string_view more) {
    return response(
        "200 OK", headers,
        R"({"success":true,"data":)" + std::move(data) + R"(,"additional_data":)" + std::string(more) + "}");
  }

  std::string refusal(std::string why) {
    refuse(std::move(why));
    return response(
        "400 Bad Request", headers,
        R"({"success":false,"error":")" + last_refusal() + R"(","code":"ERR_SCHEMA_VALIDATION_FAILED"})");
  }
};

}  // namespace

std::unique_ptr<Crm> pipedrive() { return std::make_unique<Pipedrive>(); }

}  // namespace load
