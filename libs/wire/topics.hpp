#pragma once
#include <string>
#include <string_view>

namespace aftercall::wire {

// The topics by their short names. What a name is on the broker, prefix and version, is configuration.
namespace topic {
inline constexpr std::string_view session_finished = "session.finished";
inline constexpr std::string_view contact_matched = "contact.matched";
inline constexpr std::string_view note_ready = "note.ready";
inline constexpr std::string_view session_settled = "session.settled";
inline constexpr std::string_view event_deferred = "event.deferred";
inline constexpr std::string_view delivery_ledger = "delivery.ledger";
inline constexpr std::string_view tenant_config = "tenant.config";
inline constexpr std::string_view tenant_secret = "tenant.secret";
inline constexpr std::string_view audit = "audit";
}  // namespace topic

// Broker names: "<prefix><short name>.<version>", by default "aftercall.session.finished.v1".
struct TopicNames {
  std::string prefix = "aftercall.";
  std::string version = "v1";
  std::string of(std::string_view short_name) const {
    return prefix + std::string(short_name) + "." + version;
  }
};

}  // namespace aftercall::wire
