#include "crm_world.hpp"

#include <map>

namespace aftercall::test {
namespace {

using nlohmann::json;

SeenNote seen_in_dataverse(const json& row) {
  const auto text = [&](const char* name) {
    return row.at(name).is_string() ? row.at(name).get<std::string>() : std::string();
  };
  return {text("annotationid"), text("_objectid_value"), text("subject"), text("notetext")};
}

constexpr const char* join_url =
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/"
    "0?context=%7b%22Tid%22%3a%22t1%22%7d";

json appointment_in_dataverse(const std::string& start, bool cancelled) {
  return {{"subject", "Another"},
          {"scheduledstart", start},
          {"statecode", cancelled ? 2 : 3},
          {"statuscode", cancelled ? 4 : 5},
          {"onlinemeetingjoinurl", join_url}};
}

World dynamics365() {
  World world;
  world.crm = "dynamics365";
  world.file = std::string(SOURCE_DIR) + "/crm_world_dynamics365.json";
  world.connection.tenant = TenantId("t");
  world.connection.id = ConnectionId("c");
  world.connection.crm = "dynamics365";
  world.connection.url = "/orgs/org";
  world.connection.settings = {{"sign_in_tenant", "t1"}, {"sign_in_url", "/login"}};
  world.credentials = {"app1", Secret("ok")};
  world.account = "dynamics365:0b000000-0000-0000-0000-000000000001";
  world.anna = {"contact", "22222222-0000-0000-0000-000000000001", "Anna O'Brien", ""};
  world.contoso = {"account", "11111111-0000-0000-0000-000000000001", "Contoso AB", ""};
  world.newer_twin = {"contact", "22222222-0000-0000-0000-000000000002", "Newer Twin", ""};
  world.older_twin = {"contact", "22222222-0000-0000-0000-000000000003", "Older Twin", ""};
  world.per = {"contact", "22222222-0000-0000-0000-000000000004", "Per Ek", ""};
  world.appointment = {"appointment", "33333333-0000-0000-0000-000000000001", "Q1 review", ""};
  world.join_url = join_url;
  world.org = "org";
  world.notes = "annotations";
  world.contacts = "contacts";
  world.note_path = "/annotations";
  world.read_path = "/contacts";
  world.without_note_right = {
      {"org", "org"}, {"user", "00000000-0000-0000-0000-0000000000a1"}, {"lacks", {"prvCreateNote"}}};
  world.shorter_notes = {{"lengths", {{"annotation.notetext", 50}}}};
  world.tokens_revoked = {
      {"org", "org"}, {"user", "00000000-0000-0000-0000-0000000000a1"}, {"access_tokens", true}};
  world.appointments = "appointments";
  world.appointment_row = appointment_in_dataverse;
  world.seen = seen_in_dataverse;
  return world;
}

}  // namespace

const World* world_of(std::string_view crm) {
  static const std::map<std::string_view, World> worlds{{"dynamics365", dynamics365()}};
  const auto found = worlds.find(crm);
  return found == worlds.end() ? nullptr : &found->second;
}

}  // namespace aftercall::test
