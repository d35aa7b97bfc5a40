#include "control/deferred/deferral.hpp"

#include "wire/event_deferred.hpp"
#include "wire/keys.hpp"
#include "wire/time.hpp"

namespace aftercall::control {
namespace {

using Deferred = events::v1::EventDeferred;

// A kind of a newer release waits for a person, as everything does that we do not understand.
Kind kind_in(const Deferred& message) {
  switch (message.kind()) {
    case Deferred::Kind::waiting:
      return Kind::Transient;
    case Deferred::Kind::in_doubt:
      return Kind::InDoubt;
    case Deferred::Kind::dead:
      return Kind::Permanent;
    default:
      return Kind::Blocked;
  }
}

TenantId tenant_in(const Record& record, const std::string& session) {
  if (const auto tenant = header(record.headers, "ac-tenant")) return TenantId(std::string(*tenant));
  const auto parts = wire::split_key(session);
  return parts && !parts->empty() ? TenantId(parts->front()) : TenantId();
}

Deferral unreadable(Deferral deferral, Instant written) {
  deferral.kind = Kind::Permanent;
  deferral.cause = std::string(name_of(Cause::Malformed));
  deferral.detail = "the deferral itself cannot be read";
  deferral.deferred_at = deferral.first_deferred = written;
  return deferral;
}

}  // namespace

std::string Deferral::turn() const { return wire::join_key({tenant.str(), unit.str()}); }

std::optional<Deferral> deferral_in(const Record& record) {
  if (!record.value) return std::nullopt;
  Deferral deferral;
  deferral.key = record.key;
  deferral.at = record.at;
  Deferred message;
  if (!message.ParseFromString(*record.value)) return unreadable(std::move(deferral), truncate(record.time));
  deferral.session = message.event().key();
  deferral.tenant = tenant_in(record, deferral.session);
  deferral.unit = CrmAccount(message.unit());
  deferral.stage = message.stage();
  deferral.kind = kind_in(message);
  deferral.cause = message.cause();
  deferral.detail = message.detail();
  deferral.deferred_at = truncate(record.time);
  if (message.has_deferred_at())
    deferral.deferred_at = wire::read_time(message.deferred_at()).value_or(deferral.deferred_at);
  deferral.first_deferred = deferral.deferred_at;
  if (message.has_first_deferred_at())
    deferral.first_deferred = wire::read_time(message.first_deferred_at()).value_or(deferral.deferred_at);
  if (message.has_not_before()) deferral.not_before = wire::read_time(message.not_before());
  deferral.attempt = message.attempt();
  deferral.tries = message.tries();
  deferral.origin = {message.event().topic(), message.event().partition(), message.event().offset()};
  deferral.discarded = !message.discard_wanted_by().empty();
  deferral.wanted_by = deferral.discarded ? message.discard_wanted_by() : message.release_wanted_by();
  return deferral;
}

}  // namespace aftercall::control
