#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "crm/connector.hpp"

namespace aftercall::test {

// A note as a person sees it in the CRM.
struct SeenNote {
  std::string id, target, title, html;
  bool operator==(const SeenNote&) const = default;
};

// Something to ask of the sandbox's control API.
struct Order {
  std::string path;
  nlohmann::json body;
};

// What the contract suite knows of one CRM: the simulated account it is tried against and how that is looked
// at from behind. The people in it are the same everywhere:
//   Anna O'Brien (Anna.OBrien@contoso.example, +46 70-123 45 67), where there are accounts of Contoso AB
//   two twins (twins@contoso.example), where ages are told the newer with the lower id; Per Ek (08-555 010
//   20, no e-mail, no company); gone@contoso.example, inactive; where there are appointments, one with
//   `join_url` at 2026-02-03 09:00 UTC, and one more a week later.
struct World {
  std::string_view crm;
  std::string file;       // the sandbox's world
  Connection connection;  // its URL and settings hold paths below the sandbox's address
  crm::Credentials credentials;
  std::string account;         // the CrmAccount that it is
  Capabilities can;            // what must be told of it; lengths and times apart
  bool batches = false;        // several questions or puts travel in one request
  bool tells_inactive = true;  // who is inactive is found, though not offered
  bool tells_lengths = true;   // how long a note may be is read from the account, not from documents
  bool titles = true;          // a note has a title of its own
  CrmRecord anna, contoso, older_twin, newer_twin, per, appointment;
  std::string nowhere;  // an id that no record has
  std::string join_url;
  std::string org;               // in the control API
  std::string notes;             // where the control API keeps notes,
  std::string contacts;          // and contacts
  std::string note_path;         // part of the path of a request that writes a note
  std::string read_path;         // and of one that reads contacts
  std::string sign_in_path;      // and of one that signs in
  Cause wrong_secret;            // what a wrong client secret is
  Order without_note_right;      // notes may not be written any more
  Order without_account_right;   // accounts may not be read any more, where there are any
  std::vector<Order> unready;    // a right is gone that notes need and that can be seen beforehand
  nlohmann::json shorter_notes;  // for POST limits: fifty characters of text
  // What the vendor's documents leave open, the other way than the simulator takes it: ours holds then, too.
  std::optional<Order> otherwise;
  nlohmann::json tokens_revoked;  // for POST users: what was issued is worth nothing
  std::string appointments;       // where the control API keeps appointments; a row of it with `join_url`:
  nlohmann::json (*appointment_row)(const std::string& start, bool cancelled) = nullptr;
  nlohmann::json (*contact_row)(const std::string& name, const std::string& email) = nullptr;
  SeenNote (*seen)(const nlohmann::json& row) = nullptr;
};
const World* world_of(std::string_view crm);

}  // namespace aftercall::test
