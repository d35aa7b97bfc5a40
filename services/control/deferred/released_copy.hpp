#pragma once
#include <optional>
#include <string>

#include "control/deferred/deferral.hpp"
#include "wire/topics.hpp"

// The records that a release is made of; `record` is the deferral's own, from event.deferred.
namespace aftercall::control {

// The event again, for the stage that deferred it: same topic, key, id, body and headers, those of a newer
// release included; one copy further, for this unit alone. A person's wish forgets its tries. Rejected when
// there is nothing that could be published: the event is not in the deferral, or is not one of ours.
Result<Draft> released_copy(const Record& record, const wire::TopicNames& topics);

// Ends exactly this deferral. Only after the copy was acked.
Draft tombstone_of(const Deferral& deferral, const wire::TopicNames& topics);

// What a person wants of what waits: to have it tried again or, with a reason, given up.
struct Wish {
  std::string who;
  std::optional<std::string> discard_because{};
};

// The deferral as it is, with a person's wish in it: whoever owns the partition carries it out, and a restart
// does not forget it. The last wish counts. Malformed when the record cannot be read.
Result<Draft> wish_for(const Record& record, const Wish& wish);

}  // namespace aftercall::control
