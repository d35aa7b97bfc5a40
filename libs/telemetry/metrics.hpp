#pragma once
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "domain/spent.hpp"

// What /metrics shows. Callable from any thread. A label's values are bounded: beyond a family's bound
// further ones count as "other", so that input can never grow the registry.
namespace aftercall::telemetry {

// aftercall_crm_requests_total{connector,verb,outcome}, aftercall_crm_tokens_total{connector,verb} and
// aftercall_crm_call_seconds{connector,verb}; an outcome is "answered" or a cause.
void crm_requests(std::string_view connector, std::string_view verb, std::string_view outcome,
                  const Spent& spent, std::chrono::nanoseconds took);
// aftercall_in_flight{stage}: steps at work
void in_flight(std::string_view stage, std::int64_t steps);
// aftercall_lag_events and aftercall_lag_seconds {stage,topic,partition}: how far behind, and the age of the
// oldest
void lag(std::string_view stage, std::string_view topic, int partition, std::int64_t events,
         std::chrono::milliseconds age);
void lag_gone(std::string_view stage, std::string_view topic,
              int partition);  // no longer ours: no longer shown
// aftercall_deferred_total{stage,kind}
void deferred(std::string_view stage, std::string_view kind);
// aftercall_http_requests_total{route,status} and aftercall_http_request_seconds{route}
void http_answered(std::string_view route, int status, std::chrono::nanoseconds took);
// aftercall_build_info{service,version,commit} 1
void build_info(std::string_view service, std::string_view version, std::string_view commit);

// For what only one service counts. `name` with its unit and, for a counter, "_total"; `help` is one
// sentence.
using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
void count(std::string_view name, std::string_view help, Labels labels, double by = 1);
void gauge(std::string_view name, std::string_view help, Labels labels, double value);
void observe(std::string_view name, std::string_view help, Labels labels, std::chrono::nanoseconds took);

std::string metrics_text();  // Prometheus' text format, version 0.0.4

}  // namespace aftercall::telemetry
