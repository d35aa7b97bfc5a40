#pragma once
#include <chrono>
#include <map>

#include "domain/capabilities.hpp"
#include "domain/session.hpp"
#include "matcher/remembered.hpp"

namespace aftercall::matcher {

// True when the session wants an activity, and somebody may have made its type since, or put it out of use.
bool wants_types_anew(const Session& session, const Capabilities& can, Instant now);

// Activity types that were read again here, between two connects of an account. Pure but for its contents.
class Reread {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes fresh_for{10};
  static constexpr std::chrono::minutes at_most_every{5};
  // While nothing changes: a type that nobody makes costs a day's budget little.
  static constexpr std::chrono::minutes at_least_every{30};

  // The newest that are known of the account.
  const Capabilities& newest(const Sight& sight, const Capabilities& own) const;
  // False when they were read, or tried to be, a moment ago; else they are tried now.
  bool begin(const Sight& sight, const Capabilities& own, Instant wall, Time now);
  void keep(const Sight& sight, const Capabilities& own, std::vector<ActivityType> read, Instant wall);

 private:
  struct Entry {
    Time tried{};
    std::chrono::minutes every = at_most_every;
    Capabilities read;
  };
  std::map<Sight, Entry> entries_;
};

}  // namespace aftercall::matcher
