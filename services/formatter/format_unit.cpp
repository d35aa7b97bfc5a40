#include "formatter/format_unit.hpp"

#include "formatter/format.hpp"
#include "wire/carry_over.hpp"
#include "wire/contact_matched.hpp"
#include "wire/note_ready.hpp"
#include "wire/topics.hpp"

namespace aftercall::formatter {
namespace {

struct Payload {
  wire::MatchedSession read;
  wire::v1::ContactMatched message;  // what is passed on is copied from here
};

}  // namespace

Result<std::vector<stage::Unit>> split(const Record& record, const wire::Envelope& envelope,
                                       const tenancy::Directory& directory) {
  wire::v1::ContactMatched message;
  if (!record.value || !message.ParseFromString(*record.value))
    return fail(Cause::Malformed, "the value is no contact.matched");
  auto matched = wire::matched_session_of(message);
  if (!matched) return tl::unexpected(matched.error());
  const auto& session = matched->session;
  if (session.key.tenant != envelope.tenant)
    return fail(Cause::Malformed, "the session's tenant is not the envelope's");
  if (!directory.tenant(envelope.tenant)) return fail(Cause::NoTenant, "no configuration of this tenant yet");
  message.clear_session();  // the long part, and none of it is passed on
  stage::Unit unit{matched->matched.account, session.key, session.revision};
  unit.payload = std::make_shared<const Payload>(Payload{std::move(*matched), std::move(message)});
  return std::vector<stage::Unit>{std::move(unit)};
}

stage::Outcome format_unit(const stage::Unit& unit, const stage::Context& context,
                           const tenancy::Directory& directory) {
  const auto tenant = directory.tenant(context.envelope.tenant);
  if (tenant && tenant->paused) return stage::Failed{{Cause::Paused, "the tenant is paused"}};
  const auto& [matched, message] = unit.as<Payload>();
  const auto formatted = format(matched.session, matched.matched);
  if (const auto* plan = std::get_if<Plan>(&formatted)) {
    auto ready = wire::note_ready(*plan);
    wire::carry_over(message, ready);
    return stage::Emit{std::string(wire::topic::note_ready), ready.SerializeAsString(), plan->spent};
  }
  if (const auto* settled = std::get_if<Settled>(&formatted)) return stage::Settle{*settled};
  return stage::Failed{std::get<Failure>(formatted)};
}

}  // namespace aftercall::formatter
