#include <array>
#include <cctype>
#include <optional>
#include <unordered_set>
#include <vector>

#include "crm.hpp"

namespace load {
namespace {

constexpr std::string_view api = "/api/data/v9.2/";
constexpr std::size_t longest_note = 1'048'576;

std::string decoded(std::string_view text) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      plain += static_cast<char>(value(text[i + 1]) * 16 + value(text[i + 2]));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string_view below_api(std::string_view target) {
  const auto at = target.find(api);
  return at == std::string_view::npos ? std::string_view() : target.substr(at + api.size());
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

std::string row_of(std::string_view email) {
  const auto number = std::string(email.substr(6, 8));
  return R"({"@odata.etag":"W/\"1000)" + number + R"(\"","contactid":"cccccccc-0000-4000-8000-0000)" +
         number + R"(","fullname":"Guest )" + number + R"(","emailaddress1":")" + std::string(email) +
         R"(","mobilephone":null,"telephone1":null,"statecode":0,"createdon":"2024-01-10T08:00:00Z",)" +
         R"("parentcustomerid_account":{"accountid":"aaaaaaaa-0000-4000-8000-0000)" + number +
         R"(","name":"Customer )" + number + R"(","@odata.etag":"W/\"1000\""}})";
}

bool is_guest(std::string_view email) {
  if (!email.starts_with("guest-") || email.size() < 15 || email[14] != '@') return false;
  for (const char c : email.substr(6, 8))
    if (c < '0' || c > '9') return false;
  return true;
}

constexpr std::string_view json_headers =
    "Content-Type: application/json; odata.metadata=minimal\r\nOData-Version: 4.0\r\nx-ms-dop-hint: 4\r\n"
    "x-ms-service-request-id: 00000000-0000-4000-8000-000000000000\r\n";

// Dynamics 365: the look for contacts by e-mail and the batch of notes. Everybody called guest-<eight
// digits>@… is a contact with an account.
class Dataverse final : public Crm {
 public:
  explicit Dataverse(bool again) : again_(again) {}

  Kind kind_of(const Message& message) const override;
  std::string answer(const Message& message) override;
  std::string_view credential(const Message& message) const override {
    return header(message.head, "authorization");
  }

 private:
  std::string look(std::string_view target);
  std::string write(const Message& message);
  std::optional<std::string> part(std::string_view text, std::string& answer);  // what is wrong with it
  std::string refusal(std::string why);

  bool again_;
  std::unordered_set<std::string> created_;
};

Crm::Kind Dataverse::kind_of(const Message& message) const {
  const auto line = start_line(message);
  const auto below = below_api(target_of(line));
  // The probe for contacts asks for a $top, the look for people never does.
  if (line.starts_with("GET ") && below.starts_with("contacts?") &&
      below.find("$filter=") != std::string_view::npos)
    return Kind::Look;
  if (line.starts_with("POST ") && below == "$batch" && message.body.find("\r\nPATCH ") != std::string::npos)
    return Kind::Write;
  return Kind::Other;
}

std::string Dataverse::answer(const Message& message) {
  if (header(message.head, "odata-version") != "4.0") return refusal("OData-Version is not 4.0");
  return kind_of(message) == Kind::Look ? look(target_of(start_line(message))) : write(message);
}

std::string Dataverse::look(std::string_view target) {
  const auto filter = decoded(target.substr(target.find("$filter=") + 8));
  std::string rows;
  constexpr std::string_view clause = "emailaddress1 eq '";
  for (auto at = filter.find(clause); at != std::string::npos; at = filter.find(clause, at + 1)) {
    const auto begin = at + clause.size();
    const auto email = std::string_view(filter).substr(begin, filter.find('\'', begin) - begin);
    if (!is_guest(email)) continue;
    if (!rows.empty()) rows += ',';
    rows += row_of(email);
  }
  const auto select = target.find("$select=contactid,");
  if (select == std::string_view::npos || filter.find(clause) == std::string::npos)
    return refusal("a look that is none for contacts by e-mail");
  return response("200 OK", json_headers,
                  R"({"@odata.context":"$metadata#contacts","value":[)" + rows + "]}");
}

std::string Dataverse::write(const Message& message) {
  constexpr std::string_view type = "multipart/mixed; boundary=\"";
  const auto given = header(message.head, "content-type");
  if (!given.starts_with(type)) return refusal("a batch that is no multipart/mixed");
  const auto boundary = "--" + std::string(given.substr(type.size(), given.rfind('"') - type.size()));
  const std::string_view body = message.body;
  if (!body.ends_with(boundary + "--\r\n")) return refusal("a batch without its end");
  std::string answers;
  std::size_t parts = 0;
  const auto between = boundary + "\r\n";
  for (auto at = body.find(between); at != std::string_view::npos; ++parts) {
    const auto begin = at + between.size();
    at = body.find(boundary, begin);
    std::string answer;
    if (auto wrong = part(body.substr(begin, at - begin), answer)) return refusal(std::move(*wrong));
    answers +=
        "--batchresponse_0\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";
    answers += answer + "\r\n";
    if (body.substr(at + boundary.size(), 2) == "--") break;
  }
  if (parts == 0) return refusal("a batch of nothing");
  return response(
      "200 OK",
      "Content-Type: multipart/mixed; boundary=batchresponse_0\r\nOData-Version: 4.0\r\nx-ms-dop-hint: 4\r\n",
      answers + "--batchresponse_0--\r\n");
}

std::optional<std::string> Dataverse::part(std::string_view text, std::string& answer) {
  if (!text.starts_with("Content-Type: application/http\r\n")) return "a part that is no application/http";
  const auto outer = text.find("\r\n\r\n");
  const auto inner = text.find("\r\n\r\n", outer + 4);
  if (outer == std::string_view::npos || inner == std::string_view::npos) return "a part that is not whole";
  const auto head = text.substr(outer + 4, inner - outer);
  const auto body = text.substr(inner + 4);
  const auto line = head.substr(0, head.find("\r\n"));
  const auto below = below_api(target_of(line));
  if (!line.starts_with("PATCH ") || !below.starts_with("annotations(") || below.size() != 49 ||
      !is_guid(below.substr(12, 36)))
    return "a write that is none of a note under a key";
  if (!header(head, "content-type").starts_with("application/json")) return "a note that is no JSON";
  if (!body.starts_with('{') || !body.ends_with("}\r\n") || body.size() > longest_note)
    return "a note that is not whole or too long";
  const bool create = header(head, "if-none-match") == "*";
  if (create == (header(head, "if-match") == "*")) return "a note that is neither created nor updated";
  constexpr std::array<std::string_view, 2> needed{R"("notetext":")", R"("subject":")"};
  for (const auto column : needed)
    if (body.find(column) == std::string_view::npos) return "a note without a column";
  if (create && body.find(R"(@odata.bind":"/)") == std::string_view::npos) return "a note on nothing";
  if (create && !again_ && !created_.emplace(below.substr(12, 36)).second) {
    answer =
        "HTTP/1.1 412 Precondition Failed\r\nContent-Type: application/json; odata.metadata=minimal\r\n\r\n"
        R"({"error":{"code":"0x80040237","message":"A record with matching key values already exists."}})";
    return std::nullopt;
  }
  made_record();
  answer = "HTTP/1.1 204 No Content\r\nOData-Version: 4.0\r\nOData-EntityId: ";
  answer.append(target_of(line)).append("\r\n\r\n");
  return std::nullopt;
}

std::string Dataverse::refusal(std::string why) {
  refuse(std::move(why));
  return response("400 Bad Request", json_headers,
                  R"({"error":{"code":"0x0","message":")" + last_refusal() + "\"}}");
}

}  // namespace

std::unique_ptr<Crm> dataverse(bool again) { return std::make_unique<Dataverse>(again); }

}  // namespace load
