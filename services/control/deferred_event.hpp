#pragma once
#include <string>

#include "aftercall/events/v1/event_deferred.pb.h"
#include "wire/topics.hpp"

// What the event in a deferral says, whichever data topic it came from.
namespace aftercall::control {

// Of which state of its session it speaks; an empty one when it cannot be read.
events::v1::Revision revision_in(const events::v1::KafkaRecord& event, const wire::TopicNames& topics);

// For which CRM account it is; empty when it does not say, or cannot be read.
std::string account_in(const events::v1::KafkaRecord& event, const wire::TopicNames& topics);

}  // namespace aftercall::control
