#include "telemetry/metrics.hpp"

#include "telemetry/registry.hpp"

namespace aftercall::telemetry {
namespace {

// Never destroyed: other threads may still count while the process ends.
Registry& registry() {
  static auto* const all = new Registry();
  return *all;
}

double seconds(std::chrono::nanoseconds took) { return std::chrono::duration<double>(took).count(); }

constexpr std::string_view lag_events = "aftercall_lag_events";
constexpr std::string_view lag_seconds = "aftercall_lag_seconds";

}  // namespace

void crm_requests(std::string_view connector, std::string_view verb, std::string_view outcome,
                  const Spent& spent, std::chrono::nanoseconds took) {
  count("aftercall_crm_requests_total", "HTTP requests sent to CRMs",
        {{"connector", connector}, {"verb", verb}, {"outcome", outcome}}, spent.requests);
  if (spent.tokens > 0)
    count("aftercall_crm_tokens_total", "Spent of the CRMs' daily budgets",
          {{"connector", connector}, {"verb", verb}}, spent.tokens);
  observe("aftercall_crm_call_seconds", "How long what was asked of a CRM took, all its requests together",
          {{"connector", connector}, {"verb", verb}}, took);
}

void in_flight(std::string_view stage, std::int64_t steps) {
  gauge("aftercall_in_flight", "Steps at work", {{"stage", stage}}, static_cast<double>(steps));
}

void lag(std::string_view stage, std::string_view topic, int partition, std::int64_t events,
         std::chrono::milliseconds age) {
  const auto number = std::to_string(partition);
  const Labels labels{{"stage", stage}, {"topic", topic}, {"partition", number}};
  gauge(lag_events, "Events not yet done in a partition", labels, static_cast<double>(events));
  gauge(lag_seconds, "Age of the oldest event not yet done in a partition", labels, seconds(age));
}

void lag_gone(std::string_view stage, std::string_view topic, int partition) {
  const auto number = std::to_string(partition);
  const Labels labels{{"stage", stage}, {"topic", topic}, {"partition", number}};
  registry().forget_gauge(lag_events, labels);
  registry().forget_gauge(lag_seconds, labels);
}

void deferred(std::string_view stage, std::string_view kind) {
  count("aftercall_deferred_total", "Units deferred", {{"stage", stage}, {"kind", kind}});
}

void http_answered(std::string_view route, int status, std::chrono::nanoseconds took) {
  const auto shown = std::to_string(status);
  count("aftercall_http_requests_total", "HTTP requests answered", {{"route", route}, {"status", shown}});
  observe("aftercall_http_request_seconds", "How long answering took", {{"route", route}}, took);
}

void build_info(std::string_view service, std::string_view version, std::string_view commit) {
  gauge("aftercall_build_info", "What runs here",
        {{"service", service}, {"version", version}, {"commit", commit}}, 1);
}

void count(std::string_view name, std::string_view help, Labels labels, double by) {
  registry().count(name, help, labels, by);
}

void gauge(std::string_view name, std::string_view help, Labels labels, double value) {
  registry().gauge(name, help, labels, value);
}

void observe(std::string_view name, std::string_view help, Labels labels, std::chrono::nanoseconds took) {
  registry().observe(name, help, labels, seconds(took));
}

std::string metrics_text() { return registry().text(); }

}  // namespace aftercall::telemetry
