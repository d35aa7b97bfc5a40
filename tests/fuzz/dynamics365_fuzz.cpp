#include "crm/connectors/dynamics365/address.hpp"
#include "crm/connectors/dynamics365/answer.hpp"
#include "crm/connectors/dynamics365/envelope.hpp"
#include "crm/connectors/dynamics365/reading.hpp"
#include "crm/connectors/dynamics365/rights.hpp"
#include "crm/connectors/dynamics365/sign_in.hpp"
#include "crm/connectors/dynamics365/writing.hpp"
#include "tests/fuzz/fuzz.hpp"

// Everything that a CRM, or whoever stands in its place, may answer; and the address that an admin pastes.
namespace aftercall::fuzz {

using namespace crm;
using namespace crm::dynamics365;

Subject subject() {
  const std::string part =
      "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";
  const std::string contacts =
      R"({"value":[{"contactid":"22222222-0000-0000-0000-000000000001","emailaddress1":"Anna@contoso.example",)"
      R"("statecode":0,"createdon":"2025-02-01T08:00:00Z","mobilephone":"+46 70 123 45 67","parentcustomerid_account":)"
      R"({"accountid":"11111111-0000-0000-0000-000000000001","name":"C"}}],)"
      R"("@odata.nextLink":"https://contoso.crm4.dynamics.com/api/data/v9.2/contacts?$skiptoken=1"})";
  const std::string exists =
      R"({"error":{"code":"0x80040237","message":"A record with matching key values already exists."}})";
  return {.samples =
              {part + "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + contacts + "\r\n" + part +
                   "HTTP/1.1 204 No Content\r\nDate: Tue, 03 Feb 2026 09:00:00 GMT\r\n\r\n\r\n--b--\r\n",
               part + "HTTP/1.1 412 Precondition Failed\r\nREQ_ID: 1\r\n\r\n" + exists + "\r\n" + part +
                   "HTTP/1.1 429 Too Many\r\nRetry-After: "
                   "5\r\n\r\n{\"error\":{\"code\":\"-2147015902\"}}\r\n--b--",
               contacts, exists,
               R"({"value":[{"activityid":"33333333-0000-0000-0000-000000000001","subject":"Q"}]})",
               R"({"statecode":0,"emailaddress1":"eva@contoso.example","MaxLength":500})",
               R"({"RolePrivileges":[{"PrivilegeName":"prvReadContact"}],"UserId":"1","OrganizationId":"2"})",
               R"({"token_type":"Bearer","expires_in":3599,"access_token":"abc"})",
               R"({"error":"invalid_grant","error_codes":[50173]})",
               "https://contoso.api.crm4.dynamics.com/main.aspx?etc=2", "http://127.0.0.1:8410/orgs/contoso"},
          .words = {"--b",
                    "--b--",
                    "\r\n",
                    "\n",
                    "\r\n\r\n",
                    "HTTP/1.1 ",
                    "null",
                    "-1",
                    "1e999",
                    "\xFF",
                    std::string(1, '\0'),
                    "\\ud800",
                    "99999999999999999999",
                    "[[[[[[[[",
                    "{\"error\":",
                    "//evil.example/",
                    "@",
                    "\\",
                    ".crm4.dynamics.com",
                    "https://",
                    "#",
                    ":8443"},
          .longest = 4096,
          .iterations = 20'000};
}

namespace {

const std::string base = "https://contoso.crm4.dynamics.com";

bool leads_elsewhere(const Operation& operation) {
  return operation.path.find("://") != std::string::npos ||
         operation.path.find_first_of(" \r\n") != std::string::npos;
}

void try_session(const http::Response& answer) {
  Put note;
  note.key = "55555555-0000-5000-8000-000000000001";
  note.target = {"contact", "22222222-0000-0000-0000-000000000001", "", ""};
  Put person = note;
  person.kind = ArtifactKind::Contact;
  person.person = {"Eva", "eva@contoso.example", ""};

  std::vector<Result<http::Response>> replies(2, fail(Cause::ServerError, "half an answer"));
  const auto parts = unwrap(answer, replies.size());
  require(!parts || parts->size() <= replies.size(), "no more answers than questions");
  for (std::size_t i = 0; parts && i < parts->size(); ++i) replies[i] = (*parts)[i];

  Reading reading({ContactsByEmail{{"anna@contoso.example"}}, AppointmentAt{"https://x", Instant{}}}, true,
                  base);
  reading.absorb(replies);
  for (const auto& next : reading.next()) require(!leads_elsewhere(next), "a page is turned where we are");
  const auto answers = reading.finish();
  require(answers.size() == 2, "an answer a question");
  if (answers[0])
    for (const auto& contact : answers[0]->contacts)
      require(contact.email == "anna@contoso.example", "only who was asked for");

  Writing writing({person, note}, base);
  writing.absorb(replies);
  const auto written = writing.finish();
  require(written.size() == 2, "a result a put");
  for (const auto& each : written)
    require(each || kind_of(each.error().cause) != Kind::InDoubt, "what has a key is never in doubt");
}

void try_address(std::string_view input) {
  const auto url = canonical_url(input, {});
  require(!url || url->starts_with("https://"), "an address is https");
  require(!url || url->find_first_of("@:/?#\\ ", 8) == std::string::npos,
          "an address is a host and nothing else");
  require(!url || canonical_url(*url, {}).value_or("") == *url, "an address is its own address");
  canonical_url(input, {.allow_loopback = true});
}

}  // namespace

void try_with(std::string_view input) {
  for (const int status : {200, 204, 400, 412, 429, 500}) {
    http::Response answer{status, {{"Content-Type", "multipart/mixed; boundary=b"}}, std::string(input)};
    answer.headers.add("Retry-After", std::string(input.substr(0, 5)));
    try_session(answer);
    answer.headers.remove("Content-Type");
    try_session(answer);
    read_identity(answer);
    read_rights(std::vector<Result<http::Response>>(6, answer), Instant{});
    read_token(Connection(), answer);
  }
  try_address(input);
}

}  // namespace aftercall::fuzz
