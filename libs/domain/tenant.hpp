#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/capabilities.hpp"
#include "domain/id.hpp"
#include "domain/instant.hpp"

namespace aftercall {

enum class Ambiguity { Oldest, None, All };  // several contacts answer to one identity: whose is the record?
enum class CreateContacts { Never, WhenEmailKnown, Always };

struct Tenant {
  TenantId id;
  std::string name;
  std::vector<std::string> domains;  // lower case; who writes from one of them is internal
  std::string region;                // ISO 3166 alpha-2: how to read a phone number in national format
  bool paused = false;
  Ambiguity ambiguity = Ambiguity::Oldest;
  CreateContacts create_contacts = CreateContacts::Never;
  bool appointment_notes = false;
  std::string pseudonym_key;  // raw bytes; keys the hashes of slots
  std::int64_t version = 0;
};

enum class Revisions { None, Number, UpdatedAt };  // the one kind that a source states

struct Source {
  TenantId tenant;
  SourceId id;
  std::string name;
  std::vector<std::string> key_hashes;  // SHA-256 (hex) of each API key that is valid now
  Revisions revisions = Revisions::None;
  bool disabled = false;
};

enum class ConnectionStatus { Connected, ReconnectNeeded, SetupIncomplete, Disconnected };

struct Connection {
  TenantId tenant;
  ConnectionId id;
  std::string crm;     // the connector's name
  std::string url;     // canonical base URL of the CRM
  CrmAccount account;  // empty until it was connected once
  ConnectionStatus status = ConnectionStatus::Disconnected;
  std::string why;
  Instant since{};
  Capabilities capabilities;
  std::map<std::string, std::string> settings;  // nothing secret
};

}  // namespace aftercall
