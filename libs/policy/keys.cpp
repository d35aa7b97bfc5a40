#include "policy/keys.hpp"

#include <initializer_list>

#include "policy/digest.hpp"
#include "policy/uuid.hpp"

namespace aftercall {
namespace {

// Two random namespaces of our own, so that an event never bears a record's key.
constexpr Uuid records{
    {0xa2, 0xf8, 0xde, 0xb6, 0xbd, 0xf5, 0x4b, 0x8e, 0x8b, 0xc3, 0x81, 0xa4, 0xad, 0xf2, 0x7e, 0x98}};
constexpr Uuid events{
    {0x9a, 0x2c, 0x62, 0x3f, 0x45, 0xd8, 0x4a, 0x55, 0xb8, 0x14, 0x22, 0x06, 0x69, 0x8a, 0x52, 0x13}};

std::string stated(const Revision& revision) {
  switch (revision.kind) {
    case Revision::Kind::Arrival:
      return "";
    case Revision::Kind::Number:
      return "number:" + std::to_string(revision.value);
    case Revision::Kind::Time:
      return "time:" + std::to_string(revision.value);
  }
  return "";
}

std::string key_in(const Uuid& name_space, std::initializer_list<std::string_view> parts) {
  return to_string(uuid_v5(name_space, length_prefixed(parts)));
}

}  // namespace

std::string_view word_of(ArtifactKind kind) {
  switch (kind) {
    case ArtifactKind::Contact:
      return "contact";
    case ArtifactKind::Note:
      return "note";
    case ArtifactKind::Activity:
      return "activity";
  }
  return "";
}

std::string artifact_key(const ArtifactName& name) {
  const auto& [tenant, source, session] = name.session;
  return key_in(records, {name.account.str(), tenant.str(), source.str(), session.str(), word_of(name.kind),
                          name.slot, std::to_string(name.part)});
}

std::string contact_key(const CrmAccount& account, const TenantId& tenant, std::string_view identity) {
  return key_in(records, {account.str(), tenant.str(), word_of(ArtifactKind::Contact), identity});
}

std::string accepted_event_id(const SessionKey& session, const Revision& revision) {
  return key_in(events, {session.tenant.str(), session.source.str(), session.session.str(), stated(revision),
                         revision.content_hash});
}

std::string derived_event_id(std::string_view parent, std::string_view stage, const CrmAccount& account,
                             std::string_view run) {
  return key_in(events, {parent, stage, account.str(), run});
}

std::string unparsed_event_id(const Position& at) {
  return key_in(events, {at.topic, std::to_string(at.partition), std::to_string(at.offset)});
}

}  // namespace aftercall
