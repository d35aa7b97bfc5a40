#include "telemetry/settled.hpp"

#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace aftercall::telemetry {
namespace {

log::Fields fields_of(const Settled& end) {
  log::Fields fields{
      {"stage", end.stage}, {"tenant", end.tenant}, {"source", end.source}, {"session", end.session}};
  const auto add_text = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) fields.push_back({name, value});
  };
  add_text("account", end.account);
  add_text("event_id", end.event_id);
  add_text("trace_id", end.trace_id);
  fields.push_back({"outcome", end.outcome});
  if (end.cause) fields.push_back({"cause", *end.cause});
  add_text("reason", end.reason);
  fields.push_back({"attempt", end.attempt});
  fields.push_back({"tries", end.tries});
  fields.push_back({"crm_requests", end.spent.requests});
  if (end.spent.tokens > 0) fields.push_back({"crm_tokens", end.spent.tokens});
  fields.push_back({"took", end.took});
  if (end.age.count() > 0) fields.push_back({"age", end.age});
  return fields;
}

}  // namespace

void settled(const Settled& end) {
  const auto cause = end.cause ? name_of(*end.cause) : std::string_view{};
  count("aftercall_events_total", "Units ended in a stage, by how and why",
        {{"stage", end.stage}, {"outcome", end.outcome}, {"cause", cause}});
  observe("aftercall_step_seconds", "How long a step took", {{"stage", end.stage}}, end.took);
  const auto fields = fields_of(end);
  if (end.cause)
    log::warn("unit.ended", fields);
  else
    log::info("unit.ended", fields);
}

}  // namespace aftercall::telemetry
