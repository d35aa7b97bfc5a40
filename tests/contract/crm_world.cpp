#include "crm_world.hpp"

#include <map>

namespace aftercall::test {
namespace {

using nlohmann::json;

World at(std::string_view crm, std::string url) {
  World world;
  world.crm = crm;
  world.file = std::string(SOURCE_DIR) + "/crm_world_" + std::string(crm) + ".json";
  world.connection.tenant = TenantId("t");
  world.connection.id = ConnectionId("c");
  world.connection.crm = crm;
  world.connection.url = std::move(url);
  return world;
}

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

json contact_in_dataverse(const std::string& name, const std::string& email) {
  return {{"lastname", name}, {"emailaddress1", email}};
}

World dynamics365() {
  World world = at("dynamics365", "/orgs/org");
  world.connection.settings = {{"sign_in_tenant", "t1"}, {"sign_in_url", "/login"}};
  world.credentials = {"app1", Secret("ok")};
  world.account = "dynamics365:0b000000-0000-0000-0000-000000000001";
  world.can.keyed_writes = world.can.appointments = world.can.accounts = true;
  world.batches = true;
  world.anna = {"contact", "22222222-0000-0000-0000-000000000001", "Anna O'Brien", ""};
  world.contoso = {"account", "11111111-0000-0000-0000-000000000001", "Contoso AB", ""};
  world.newer_twin = {"contact", "22222222-0000-0000-0000-000000000002", "Newer Twin", ""};
  world.older_twin = {"contact", "22222222-0000-0000-0000-000000000003", "Older Twin", ""};
  world.per = {"contact", "22222222-0000-0000-0000-000000000004", "Per Ek", ""};
  world.appointment = {"appointment", "33333333-0000-0000-0000-000000000001", "Q1 review", ""};
  world.nowhere = "99999999-0000-0000-0000-000000000009";
  world.join_url = join_url;
  world.org = "org";
  world.notes = "annotations";
  world.contacts = "contacts";
  world.note_path = "/annotations";
  world.read_path = "/contacts";
  world.sign_in_path = "/login";
  world.wrong_secret = Cause::SetupIncomplete;
  world.without_note_right = {
      "users",
      {{"org", "org"}, {"user", "00000000-0000-0000-0000-0000000000a1"}, {"lacks", {"prvCreateNote"}}}};
  world.without_account_right = {
      "users",
      {{"org", "org"}, {"user", "00000000-0000-0000-0000-0000000000a1"}, {"lacks", {"prvReadAccount"}}}};
  world.unready = {world.without_note_right};
  world.shorter_notes = {{"lengths", {{"annotation.notetext", 50}}}};
  world.tokens_revoked = {
      {"org", "org"}, {"user", "00000000-0000-0000-0000-0000000000a1"}, {"access_tokens", true}};
  world.appointments = "appointments";
  world.appointment_row = appointment_in_dataverse;
  world.contact_row = contact_in_dataverse;
  world.seen = seen_in_dataverse;
  return world;
}

// Without what the connector adds and the vendor's sanitiser rewrites.
SeenNote seen_in_pipedrive(const json& row) {
  auto html = row.at("content").get<std::string>();
  if (const auto at = html.rfind("<p>Ref: "); at != std::string::npos) html.resize(at);
  for (auto at = html.find("&amp;"); at != std::string::npos; at = html.find("&amp;", at + 1))
    html.erase(at + 1, 4);
  const auto& person = row.at("person_id");
  return {row.at("id").dump(), person.is_null() ? "" : person.dump(), "", html};
}

json contact_in_pipedrive(const std::string& name, const std::string& email) {
  return {{"name", name}, {"emails", {email}}};
}

World pipedrive() {
  World world = at("pipedrive", "/companies/acme");
  world.connection.settings = {{"sign_in", "oauth"}, {"sign_in_url", "/"}, {"daily_share", "100"}};
  world.credentials = {"cid", Secret("shh"), Secret("1:2:r1")};
  world.account = "pipedrive:900";
  world.can.one_note = world.can.deals = world.can.activities = true;
  world.can.activity_types = {{"Discovery Call", "discovery_call"}, {"Lunch", "lunch_break"}};
  world.tells_inactive = world.tells_lengths = world.titles = false;
  world.anna = {"contact", "9", "Anna O'Brien", ""};
  world.older_twin = {"contact", "10", "Older Twin", ""};
  world.newer_twin = {"contact", "11", "Newer Twin", ""};
  world.per = {"contact", "12", "Per Ek", ""};
  world.nowhere = "999999";
  world.org = "acme";
  world.notes = "notes";
  world.contacts = "persons";
  world.note_path = "/api/v1/notes";
  world.read_path = "/api/v2/persons/search";
  world.sign_in_path = "/oauth/token";
  world.wrong_secret = Cause::NoLease;
  world.without_note_right = {"users", {{"org", "acme"}, {"user", 11}, {"lacks", {"add notes"}}}};
  const json poorer = {
      {"refresh_token", "1:2:r1"}, {"app", "cid"}, {"user", 11}, {"scopes", "base,activities:full"}};
  world.unready = {{"world", {{"companies", {{"acme", {{"grants", {poorer}}}}}}}}};
  world.shorter_notes = {{"org", "acme"}, {"lengths", {{"notes.content", 98}}}};  // 48 are the reference's
  world.tokens_revoked = {{"org", "acme"}, {"user", 11}, {"access_tokens", true}};
  world.otherwise = {"switches",
                     {{"org", "acme"},
                      {"switches",
                       {{"created201", true},
                        {"emptyListNull", false},
                        {"searchDigits", false},
                        {"tokenHeaders", false},
                        {"failedCallsCost", false},
                        {"noteTooLong413", true},
                        {"deletedNotesEditable", true},
                        {"deletedReadable", false},
                        {"removed410", false},
                        {"invisibleStatus", 403},
                        {"notesOnArchivedDeals", true},
                        {"onlySeenTags", true},
                        {"participantListsDeals", true},
                        {"refusedCount", true},
                        {"personListsDealNotes", true}}}}};
  world.contact_row = contact_in_pipedrive;
  world.seen = seen_in_pipedrive;
  return world;
}

}  // namespace

const World* world_of(std::string_view crm) {
  static const std::map<std::string_view, World> worlds{{"dynamics365", dynamics365()},
                                                        {"pipedrive", pipedrive()}};
  const auto found = worlds.find(crm);
  return found == worlds.end() ? nullptr : &found->second;
}

}  // namespace aftercall::test
