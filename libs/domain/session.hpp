#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/id.hpp"
#include "domain/instant.hpp"
#include "domain/revision.hpp"

namespace aftercall {

enum class Channel { Unspecified, Meeting, Phone, WebChat, Sms, WhatsApp, Email };
enum class Direction { Unspecified, Inbound, Outbound };
enum class Role { Unspecified, Host, Guest, Caller, AiAgent, HumanAgent };
enum class Side { Unspecified, Internal, External };
enum class TextFormat { Plain, Markdown, Html };

struct Participant {
  std::string name;
  std::string email;
  std::string phone;  // as given; phone_e164 is empty when it could not be read
  std::string phone_e164;
  Role role = Role::Unspecified;
  Side side = Side::Unspecified;
};

struct Turn {
  std::string speaker;
  std::optional<Instant> at;
  std::string text;
};

struct Handoff {
  std::optional<Instant> at;
  std::string reason;
  std::string classification;
  std::string sentiment;
};

// Who a session is: one conversation of one source of one tenant.
struct SessionKey {
  TenantId tenant;
  SourceId source;
  SessionId session;
  auto operator<=>(const SessionKey&) const = default;
};

struct Session {
  SessionKey key;
  Revision revision;
  Channel channel = Channel::Unspecified;
  Direction direction = Direction::Unspecified;
  std::string title;
  std::string conversation_type;
  std::optional<Instant> started_at;
  std::optional<Instant> ended_at;
  std::string join_url;
  std::string session_url;
  std::string presenter;
  std::vector<Participant> participants;
  std::string manual_notes;
  std::string summary;
  TextFormat summary_format = TextFormat::Plain;
  std::vector<Turn> transcript;
  std::optional<Handoff> handoff;
  std::map<std::string, std::string> crm_hints;
  std::map<std::string, std::string> properties;
};

}  // namespace aftercall
