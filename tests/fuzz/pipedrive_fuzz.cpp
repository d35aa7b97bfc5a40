#include <chrono>

#include "crm/connectors/pipedrive/address.hpp"
#include "crm/connectors/pipedrive/answer.hpp"
#include "crm/connectors/pipedrive/pace.hpp"
#include "crm/connectors/pipedrive/reading.hpp"
#include "crm/connectors/pipedrive/recalling.hpp"
#include "crm/connectors/pipedrive/reference.hpp"
#include "crm/connectors/pipedrive/refusal.hpp"
#include "crm/connectors/pipedrive/rights.hpp"
#include "crm/connectors/pipedrive/sign_in.hpp"
#include "tests/fuzz/fuzz.hpp"

// Everything that a CRM, or whoever stands in its place, may answer; and the address that an admin pastes.
namespace aftercall::fuzz {

using namespace crm;
using namespace crm::pipedrive;

namespace {

const std::string base = "https://acme.pipedrive.com";
const std::string key = "55555555-0000-5000-8000-000000000001";

}  // namespace

Subject subject() {
  const std::string note =
      R"({"id":801,"active_flag":true,"content":"<p>x</p><p>Ref: )" + key +
      R"(</p>","add_time":"2026-09-30 10:21:00","update_time":"2026-09-30 10:21:00","user":{"is_you":true}})";
  return {
      .samples =
          {R"({"success":true,"data":{"items":[{"result_score":0.9,"item":{"id":7,"name":"Jane","phones":["+46 70 123 45 67"],)"
           R"("emails":["Jane@client.example"]}}]},"additional_data":{"next_cursor":"eyJ4IjoxfQ"}})",
           R"({"success":true,"data":[{"id":52,"title":"Renewal","person_id":7,"add_time":"2026-09-01T08:00:00Z"}]})",
           R"({"success":true,"data":[)" + note + "," + note +
               R"(],"additional_data":{"pagination":{"more_items_in_collection":true,"next_start":100}}})",
           R"({"success":true,"data":[{"id":31,"name":"Ola","emails":[{"value":"ola@nord.example"}],)"
           R"("add_time":"2026-09-30T10:20:00Z"}],"additional_data":{"next_cursor":null}})",
           R"({"success":true,"data":[{"id":640,"note":"Ref: x","creator_user_id":11,"add_time":"2026-09-30T10:20:00Z"}]})",
           R"({"success":true,"data":{"id":11,"company_id":900,"company_name":"Acme"}})",
           R"({"success":true,"data":[{"name":"Call","key_string":"call","active_flag":true,"order_nr":1}]})",
           R"({"success":false,"error":"Scope and URL mismatch","errorCode":403})",
           R"({"access_token":"a","expires_in":3599,"api_domain":"https://acme.pipedrive.com","refresh_token":"r"})",
           R"({"error":"invalid_grant","message":"Invalid grant: x"})", "<html>cloudflare</html>",
           "https://acme.pipedrive.com/person/7", "http://127.0.0.1:8410/companies/acme"},
      .words = {"null",
                "-1",
                "0",
                "1e999",
                "\xFF",
                std::string(1, '\0'),
                "\\ud800",
                "99999999999999999999",
                "[[[[[[[[",
                "{\"id\":",
                "\"success\":true",
                "Ref:",
                "&nbsp;",
                key,
                "//evil.example/",
                "@",
                "\\",
                ".pipedrive.com",
                "https://",
                "#",
                ":8443"},
      .longest = 4096,
      .iterations = 10'000};
}

namespace {

void try_look(const http::Response& answer) {
  Reading reading({ContactsByEmail{{"jane@client.example"}}, ContactsByPhone{"+46701234567", "SE"},
                   DealById{"52"}, NewestDealOf{{"contact", "7", "", ""}}},
                  base);
  int asked = 0;
  for (auto next = reading.next(); next; next = reading.next()) {
    require(next->path.starts_with("/api/v2/"), "a page is turned where we are");
    require(next->path.find_first_of(" \r\n\t\"<>\\") == std::string::npos, "a path is encoded");
    require(++asked < 100, "a look ends");
    reading.absorb(answer);
  }
  const auto answers = reading.finish();
  require(answers.size() == 4, "an answer a question");
  if (!answers[0]) return;
  for (const auto& contact : answers[0]->contacts) {
    require(contact.email == "jane@client.example", "only who was asked for");
    require(id_in(contact.record.id).has_value(), "an id is a number");
  }
}

void try_recall(const http::Response& answer, ArtifactKind kind) {
  Put lost;
  lost.kind = kind;
  lost.key = key;
  lost.target = {"contact", "7", "", ""};
  lost.person.email = "ola@nord.example";
  Recalling recalling(lost, Instant{}, base);
  int asked = 0;
  for (auto next = recalling.next(); next; next = recalling.next()) {
    require(++asked < 100, "a recall ends");
    recalling.absorb(answer);
  }
  const auto found = recalling.finish();
  if (!found) return;
  for (std::size_t i = 1; i < found->found.size(); ++i)
    require(id_in(found->found[i - 1].id) < id_in(found->found[i].id), "lowest id first, none twice");
}

void try_pace(std::string_view input) {
  Pace pace(80);
  const auto now = Pace::Moment() + std::chrono::hours(1000);
  for (const auto* const name :
       {"x-ratelimit-remaining", "x-ratelimit-reset", "x-daily-ratelimit-token-limit",
        "x-daily-ratelimit-token-remaining", "Retry-After"}) {
    const http::Response answer{429, {{name, std::string(input.substr(0, 20))}}, std::string(input)};
    pace.heed(Operation(), answer, now);
    const auto rest = pace.rest_after(Operation(), answer, now);
    require(rest > std::chrono::milliseconds(0) && rest <= std::chrono::hours(24), "a rest is bounded");
  }
}

void try_address(std::string_view input) {
  const auto url = canonical_url(input, {});
  require(!url || (url->starts_with("https://") && url->ends_with(".pipedrive.com")),
          "an address is a company's");
  require(!url || url->find_first_of("@:/?#\\ ", 8) == std::string::npos,
          "an address is a host and nothing else");
  require(!url || canonical_url(*url, {}).value_or("") == *url, "an address is its own address");
  canonical_url(input, {.allow_loopback = true});
}

}  // namespace

void try_with(std::string_view input) {
  Connection connection;
  connection.url = base;
  for (const int status : {200, 400, 403, 404, 500}) {
    const http::Response answer{status, {{"Content-Type", "text/html"}}, std::string(input)};
    try_look(answer);
    for (const auto kind : {ArtifactKind::Contact, ArtifactKind::Note, ArtifactKind::Activity})
      try_recall(answer, kind);
    read_user(answer);
    read_rights(std::vector<Result<http::Response>>(3, answer), Instant{});
    const auto token = read_token(connection, answer);
    require(!token || !token->access.empty(), "a token is something");
    if (status != 200) require(!failure_of(answer).detail.empty(), "a failure is told");
    require(!lacks_scope(answer) || status == 403, "a scope is missed by 403");
    bears_reference(input, key);
    require(bears_reference(with_reference(input, key), key), "what we wrote is found again");
  }
  try_pace(input);
  try_address(input);
}

}  // namespace aftercall::fuzz
