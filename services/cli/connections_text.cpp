#include "cli/connections_text.hpp"

#include <algorithm>
#include <vector>

#include "cli/table.hpp"
#include "wire/time.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;
using Status = events::v1::Connection::Status;

std::string status_text(const events::v1::Connection& connection) {
  std::string words = Status::Value_Name(connection.status());
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

}  // namespace

std::string connections_text(const v1::ListConnectionsResponse& response) {
  if (response.connections().empty()) return "there are no connections: aftercall apply -f FILE makes them";
  std::vector<Row> rows{{"connection", "crm", "status", "since", "account", "why"}};
  std::string first_to_mend;
  for (const auto& record : response.connections()) {
    const auto& connection = record.connection();
    const auto since = wire::read_time(connection.since());
    const auto name = connection.tenant() + "/" + connection.id();
    rows.push_back({name, connection.crm(), status_text(connection), since ? rfc3339(*since) : "-",
                    or_dash(connection.crm_account()), or_dash(connection.why())});
    if (connection.status() != Status::connected && first_to_mend.empty())
      first_to_mend = connection.tenant() + " " + connection.id();
  }
  std::string text = table_text(rows, Align::Left);
  if (!first_to_mend.empty())
    text += "\nwhat to do: mend what is named, then try it at once: aftercall connection connect " +
            first_to_mend + "\n            with another secret, token or address: aftercall apply -f FILE\n";
  text.pop_back();
  return text;
}

std::string connected_text(const v1::ConnectResponse& response) {
  const auto& connection = response.connection().connection();
  std::string text =
      "connection " + connection.tenant() + "/" + connection.id() + ": " + status_text(connection);
  if (!response.company().empty()) text += " to " + response.company();
  if (!connection.crm_account().empty()) text += " (" + connection.crm_account() + ")";
  if (!connection.why().empty() && response.missing().empty()) text += ": " + connection.why();
  text += "\n";
  for (const auto& right : response.missing()) text += "  missing: " + right + "\n";
  return text;
}

}  // namespace aftercall::cli
