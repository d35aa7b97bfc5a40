#pragma once
#include <memory>
#include <vector>

#include "matcher/in_flight.hpp"
#include "matcher/match.hpp"
#include "matcher/reread.hpp"
#include "matcher/unfinished.hpp"
#include "tenancy/connectors.hpp"

namespace aftercall::matcher {

// What all units know of earlier and present look-ups; owned by main.
struct Shared {
  Remembered* remembered = nullptr;
  InFlight* in_flight = nullptr;
  Reread* reread = nullptr;
  Unfinished* unfinished = nullptr;
  // Who has waited so long for another's look asks by itself: that one may hang.
  std::chrono::milliseconds patience{3'000};
};

// One unit's asking, in one place that outlives its coroutine's waits.
struct Inquiry {
  tenancy::ConnectorPtr connector;
  crm::Call call;
  Sight sight;
  std::string run{};  // of a resend: neither remembered answers nor other units' looks
  Known known{};
  Instant since{};  // when the first of it was asked for, in an earlier try if that was cut short
};

// What was answered to these a moment ago is known, and what this unit was told before it was cut short.
void recall(Inquiry& inquiry, const std::vector<External>& externals, const Shared& shared);
// Keeps what is known for the unit's next try.
void put_off(const Inquiry& inquiry, const Shared& shared);

// Asks, unless there is nothing to ask, and files the answers. A person whom another unit is asking about
// right now is left to it.
asio::awaitable<Result<void>> ask(std::shared_ptr<Inquiry> inquiry, std::vector<crm::Question> questions,
                                  Shared shared);

// Reads the account's activity types again, unless that was done a moment ago; one unit does it for all that
// come meanwhile. What cannot be read stays as it was.
asio::awaitable<void> read_again(std::shared_ptr<Inquiry> inquiry, Capabilities own, Instant now,
                                 Shared shared);

}  // namespace aftercall::matcher
