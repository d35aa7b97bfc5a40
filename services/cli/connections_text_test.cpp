#include "cli/connections_text.hpp"

#include <gmock/gmock.h>

#include "wire/time.hpp"

namespace aftercall::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using Status = events::v1::Connection::Status;

events::v1::Connection& add(control::v1::ListConnectionsResponse& all, const std::string& id,
                            Status::Value status) {
  auto& connection = *all.add_connections()->mutable_connection();
  connection.set_tenant("acme");
  connection.set_id(id);
  connection.set_crm("pipedrive");
  connection.set_status(status);
  wire::write_time(*connection.mutable_since(), instant_of(1'800'000'000'000));
  return connection;
}

TEST(ConnectionsText, SaysWhichIsNotConnectedAndWhyAndWhatToDo) {
  control::v1::ListConnectionsResponse all;
  add(all, "main", Status::connected).set_crm_account("pipedrive:1");
  EXPECT_THAT(connections_text(all), Not(HasSubstr("what to do")));
  add(all, "old", Status::reconnect_needed).set_why("the sign-in was revoked");
  EXPECT_EQ(
      connections_text(all),
      "connection  crm        status            since                 account      why\n"
      "acme/main   pipedrive  connected         2027-01-15T08:00:00Z  pipedrive:1  -\n"
      "acme/old    pipedrive  reconnect needed  2027-01-15T08:00:00Z  -            the sign-in was revoked\n"
      "\nwhat to do: mend what is named, then try it at once: aftercall connection connect acme old\n"
      "            with another secret, token or address: aftercall apply -f FILE");
}

TEST(ConnectionsText, NoneIsSaid) { EXPECT_THAT(connections_text({}), HasSubstr("apply -f FILE")); }

TEST(ConnectionsText, ARightThatIsMissingIsToldOnce) {
  control::v1::ConnectResponse response;
  control::v1::ListConnectionsResponse all;
  *response.mutable_connection()->mutable_connection() = add(all, "main", Status::connected);
  response.mutable_connection()->mutable_connection()->set_why("missing: prvCreateNote");
  response.add_missing("prvCreateNote");
  response.set_company("Contoso");
  EXPECT_EQ(connected_text(response),
            "connection acme/main: connected to Contoso\n  missing: prvCreateNote\n");
}

}  // namespace
}  // namespace aftercall::cli
