#pragma once
#include <optional>
#include <vector>

#include "aftercall/control/v1/control.pb.h"
#include "aftercall/events/v1/event_deferred.pb.h"
#include "aftercall/events/v1/session_settled.pb.h"
#include "control/sessions/fact.hpp"
#include "domain/revision.hpp"

namespace aftercall::control {

namespace api = aftercall::control::v1;

// One CRM account's part of a session's facts, read.
struct UnitFacts {
  struct Settled {
    events::v1::SessionSettled message;
    Revision revision;
    const Fact* fact = nullptr;
  };
  struct Deferred {
    events::v1::EventDeferred message;
    Revision revision;
    const Fact* fact = nullptr;
  };
  struct Matched {
    events::v1::ContactMatched message;
    Revision revision;
    const Fact* fact = nullptr;
  };
  struct Ready {
    Revision revision;
    const Fact* fact = nullptr;
  };
  std::string account;
  std::vector<Settled> settled;
  std::vector<Deferred> deferred;
  std::vector<Matched> matched;
  std::vector<Ready> ready;
};

// `newest` is the session's highest revision.
api::UnitStory unit_story(const UnitFacts& facts, const Revision& newest);

// What a person can do about it; empty when nothing is to be done.
std::string advice_for(const std::string& cause, const std::string& stage);

}  // namespace aftercall::control
