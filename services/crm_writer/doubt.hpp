#pragma once
#include <chrono>

#include "domain/ledger.hpp"

// When a create whose answer was lost is looked for, and when it may be sent again: pure.
namespace aftercall::crm_writer {

inline constexpr const char* doubt = "an earlier request got no answer; it is looked up first";

// An unkeyed create went out, and nobody knows whether it is there: its answer was lost, or who sent it died.
bool is_in_doubt(const LedgerRow& row);

// What was sent may still be on its way into the CRM: how long after the sending it is looked for, and looked
// for again. Anything shorter is for simulators.
struct Looks {
  std::chrono::milliseconds first = std::chrono::seconds(30);
  std::chrono::milliseconds second = std::chrono::minutes(2);
};

// Never close behind the look before.
Instant next_look(const LedgerRow& row, const Looks& looks);

// From when on the CRM is asked: before the sending, by as much as its clock may differ from ours.
Instant looked_since(const LedgerRow& row);

LedgerRow after_empty_look(LedgerRow row, Instant now);
// Two looks, late enough, found nothing.
bool looked_enough(const LedgerRow& row);

}  // namespace aftercall::crm_writer
