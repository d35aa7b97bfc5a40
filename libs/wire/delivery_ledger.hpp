#pragma once
#include <string>

#include "aftercall/events/v1/delivery_ledger.pb.h"
#include "domain/failure.hpp"
#include "domain/ledger.hpp"

namespace aftercall::wire {

namespace v1 = aftercall::events::v1;

// An owner's claim of a partition: the row's kind, and its key in Kafka.
inline constexpr const char* claim_kind = "claim";

// CRM account/tenant/source/session/kind/slot hash/part; every row of a unit begins with unit_prefix().
std::string unit_prefix(const CrmAccount& account, const SessionKey& session);
std::string ledger_key(const CrmAccount& account, const SessionKey& session, const LedgerName& name);
Result<LedgerName> ledger_name_of(std::string_view kafka_key);

v1::LedgerRow to_wire(const LedgerRow& row, const CrmAccount& account, const SessionKey& session);
Result<LedgerRow> from_wire(const v1::LedgerRow& message);
Result<LedgerRow> ledger_row_in(const std::string& value);
// Fields of a newer release that the row under this key has so far go into the one that replaces it.
void keep_unknown_fields(const v1::LedgerRow& stored, v1::LedgerRow& message);

}  // namespace aftercall::wire
