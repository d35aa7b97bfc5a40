#pragma once
#include <string>
#include <string_view>

#include "domain/instant.hpp"
#include "domain/record.hpp"
#include "stage/outcome.hpp"
#include "stage/recovery.hpp"
#include "wire/envelope.hpp"
#include "wire/topics.hpp"

namespace aftercall::stage {

// A record with its envelope as far as it could be read.
struct Event {
  Record record;
  wire::Envelope envelope;
};

// Who makes a record, and when.
struct Maker {
  std::string_view stage;
  const wire::TopicNames& topics;
  Instant now;
  std::string traceparent;  // a child of the event's
};

Draft emitted(const Maker& maker, const Event& event, const CrmAccount& account, Emit emit);
Draft settled(const Maker& maker, const Event& event, const Unit& unit, Settle end);
Draft deferred(const Maker& maker, const Event& event, const CrmAccount& account, const Deferral& deferral);

// The envelope of what cannot be read: it is only known by where it lies, so that a forged id can never
// overwrite another event's deferral. The tenant as far as the record tells.
wire::Envelope unreadable(const Record& record);

}  // namespace aftercall::stage
