#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include "domain/failure.hpp"
#include "domain/spent.hpp"

namespace aftercall::telemetry {

// How one unit ended in one stage: the wide log line and the counters from one call, so they cannot disagree.
struct Settled {
  std::string_view stage;
  std::string_view tenant{}, source{}, session{};
  std::string_view account{};   // the CRM account, "" before the fan-out
  std::string_view event_id{};  // of the event that was worked on
  std::string_view trace_id{};
  std::string_view outcome;  // a few words of the stage's own: "emitted", "settled", "waiting", "blocked", …
  std::optional<Cause> cause{};
  std::string_view reason{};  // for a person; no personal data
  int attempt = 1;
  int tries = 0;
  Spent spent{};
  std::chrono::milliseconds took{0};  // the step
  std::chrono::milliseconds age{0};   // since the session was accepted; 0: unknown
};
void settled(const Settled& end);

}  // namespace aftercall::telemetry
