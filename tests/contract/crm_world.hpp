#pragma once
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

// What the contract suite knows of one CRM: the simulated account it is tried against and how that is looked
// at from behind. The people in it are the same everywhere:
//   Anna O'Brien (Anna.OBrien@contoso.example, +46 70-123 45 67) of the company Contoso AB
//   two twins (twins@contoso.example), the newer with the lower id; Per Ek (08-555 010 20, no e-mail, no
//   company); gone@contoso.example, inactive; an appointment with `join_url` at 2026-02-03 09:00 UTC, and one
//   more a week later.
struct World {
  std::string_view crm;
  std::string file;       // the sandbox's world
  Connection connection;  // its URL and settings hold paths below the sandbox's address
  crm::Credentials credentials;
  std::string account;  // the CrmAccount that it is
  CrmRecord anna, contoso, older_twin, newer_twin, per, appointment;
  std::string join_url;
  std::string org;                    // in the control API
  std::string notes;                  // where the control API keeps notes,
  std::string contacts;               // and contacts
  std::string note_path;              // part of the path of a request that writes a note
  std::string read_path;              // and of one that reads contacts
  nlohmann::json without_note_right;  // for POST users
  nlohmann::json shorter_notes;       // for POST limits: 50 characters
  nlohmann::json tokens_revoked;      // for POST users: what was issued is worth nothing
  std::string appointments;  // where the control API keeps appointments; a row of it with `join_url`:
  nlohmann::json (*appointment_row)(const std::string& start, bool cancelled);
  SeenNote (*seen)(const nlohmann::json& row);
};
const World* world_of(std::string_view crm);

}  // namespace aftercall::test
