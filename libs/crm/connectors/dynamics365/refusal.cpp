#include "refusal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "crm/http_refusal.hpp"
#include "crm/json.hpp"

namespace aftercall::crm::dynamics365 {
namespace {

// Whether the CRM's own message may be told: some repeat what we sent, and that is a person's name or a
// note's text.
enum class Tell { Message, CodeOnly };

struct Row {
  std::uint32_t code;
  Cause cause;
  Tell tell;
  std::string_view advice;
};

// Codes that mean something whatever the status is. Sources and shades: the vendor's service error codes.
constexpr std::array<Row, 24> table{{
    {0x80072322, Cause::RateLimited, Tell::Message, ""},
    {0x80072321, Cause::RateLimited, Tell::Message, ""},
    {0x80072326, Cause::RateLimited, Tell::Message, ""},
    {0x80072560, Cause::SetupIncomplete, Tell::Message, "add the application user to the environment"},
    {0x8006088a, Cause::SetupIncomplete, Tell::Message, "the app that brings this table is not installed"},
    // Of that one record's owner, so that what is not the session's main record is left out for it.
    {0x80040231, Cause::NotPermitted, Tell::Message, "the record's owner lacks a privilege"},
    {0x80040299, Cause::NotPermitted, Tell::Message, "the record's owner may not read it"},
    {0x80044410, Cause::SetupIncomplete, Tell::Message, "a case needs a customer"},
    {0x80040220, Cause::NotPermitted, Tell::Message, "give the connection's security role this privilege"},
    {0x80048306, Cause::NotPermitted, Tell::CodeOnly, "the connection's user has no access to this record"},
    {0x8004f502, Cause::NotPermitted, Tell::CodeOnly, "column security forbids it"},
    {0x8004f507, Cause::NotPermitted, Tell::CodeOnly, "column security forbids it"},
    {0x80044331, Cause::TooLong, Tell::Message, ""},
    {0x80040217, Cause::NotFound, Tell::Message, ""},
    {0x8004431a, Cause::Rejected, Tell::Message, "a choice that this organisation does not have"},
    {0x80048d19, Cause::Rejected, Tell::CodeOnly, "the organisation did not understand the request"},
    {0x80060888, Cause::Rejected, Tell::CodeOnly, "the organisation did not understand the request"},
    {0x80040203, Cause::Rejected, Tell::CodeOnly, "an invalid argument"},
    {0x80040265, Cause::Rejected, Tell::CodeOnly, "a plug-in of the organisation refused it"},
    {0x80040278, Cause::Rejected, Tell::CodeOnly, "invalid characters"},
    {0x80040333, Cause::Rejected, Tell::CodeOnly, "a duplicate detection rule refused it"},
    {0x80040237, Cause::Rejected, Tell::CodeOnly, "a row with this key exists"},
    {0x8004a104, Cause::ServerError, Tell::Message, "the organisation is disabled"},
    {0x8004a113, Cause::ServerError, Tell::Message, "the organisation is in administration mode"},
}};

const Row* row_of(std::optional<std::uint32_t> code) {
  if (!code) return nullptr;
  const auto* const found =
      std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.code == *code; });
  return found == table.end() ? nullptr : found;
}

// A verb or function that the address does not have: our mistake, though it is told with 404.
bool no_resource(const Refusal& refusal) { return refusal.message.starts_with("No HTTP resource was found"); }

std::optional<std::uint32_t> parse_code(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (number < INT32_MIN || number > UINT32_MAX || number == 0) return std::nullopt;  // "0x0" is no code
  return static_cast<std::uint32_t>(number);
}

// An error code of the vendor's is a failed HRESULT; some of its answers have none.
bool is_vendors(const Json& error) {
  const auto* const text = member(error, "code");
  if (text == nullptr || !text->is_string()) return false;
  constexpr std::uint32_t first = 0x80000000;
  const auto& written = text->get_ref<const std::string&>();
  if (const auto code = parse_code(written)) return *code >= first;
  return (written.empty() || written == "0x0") && member(error, "message") != nullptr;
}

// Nothing by which it can be known whether a record is there.
bool says_nothing_of_records(const http::Response& answer, const Refusal& refusal) {
  return answer.status == 404 && !refusal.own;
}

Cause cause_of(const http::Response& answer, const Refusal& refusal, const Row* row) {
  // 401 and 429 are about the caller, whatever the body says.
  if (answer.status == 401 || answer.status == 429) return cause_of_status(answer.status);
  if (answer.status != 404) return row != nullptr ? row->cause : cause_of_status(answer.status);
  if (says_nothing_of_records(answer, refusal)) return cause_of_status(answer.status);
  if (no_resource(refusal)) return Cause::Rejected;
  if (row != nullptr) return row->cause;
  return refusal.code ? Cause::Rejected : Cause::NotFound;
}

std::string hex(std::uint32_t code) {
  std::array<char, 8> digits{};
  digits.fill('0');
  for (std::size_t i = 8; i-- > 0; code >>= 4) digits.at(i) = "0123456789abcdef"[code & 15];
  return "0x" + std::string(digits.begin(), digits.end());
}

std::string shortened(std::string_view text) {
  constexpr std::size_t enough = 240;
  std::string plain;
  for (const char c : text.substr(0, enough)) plain += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  if (text.size() <= enough) return plain;
  while (!plain.empty() && (static_cast<unsigned char>(plain.back()) & 0x80) != 0) plain.pop_back();
  return plain + "…";
}

std::string detail_of(const http::Response& answer, const Refusal& refusal, const Row* row) {
  std::string text = "Dynamics 365 answered " + std::to_string(answer.status);
  if (refusal.code) text += " (" + hex(*refusal.code) + ")";
  if (row != nullptr && !row->advice.empty()) text += ": " + std::string(row->advice);
  if (row != nullptr && row->tell == Tell::Message && !refusal.message.empty())
    text += ": " + shortened(refusal.message);
  if (answer.status == 401) text += ": it does not accept the access token";
  if (says_nothing_of_records(answer, refusal))
    text +=
        ": not in its own words, so that nothing is known of the record; check the organisation's address";
  if (answer.status >= 300 && answer.status < 400) text += ": a redirect, which is not followed";
  if (const auto id = request_id_in(answer.headers, {"x-ms-service-request-id", "REQ_ID"}); !id.empty())
    text += " [request " + id + "]";
  return text;
}

}  // namespace

Refusal read_refusal(const http::Response& answer) {
  const auto json = parse_json(answer.body);
  const auto* const error = member(json, "error");
  if (error == nullptr) return {};
  return {parse_code(text_of(*error, "code")), text_of(*error, "message"), is_vendors(*error)};
}

Failure failure_of(const http::Response& answer) {
  const auto refusal = read_refusal(answer);
  const auto* const row = row_of(refusal.code);
  auto rest = http::retry_after(answer.headers);
  // A disabled organisation or one under maintenance stays so for hours, not seconds.
  if (row != nullptr && row->cause == Cause::ServerError && !rest) rest = std::chrono::minutes(10);
  return Failure{cause_of(answer, refusal, row), detail_of(answer, refusal, row), rest};
}

bool says_exists(const http::Response& answer) {
  if (answer.status != 412) return false;
  const auto code = read_refusal(answer).code;
  return !code || *code == 0x80040237;  // some paths send no code
}

}  // namespace aftercall::crm::dynamics365
