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
  static constexpr std::chrono::minutes fresh_for{10};
  static constexpr std::chrono::minutes at_most_every{5};

  // The newest that are known of the account.
  const Capabilities& newest(const Sight& sight, const Capabilities& own) const;
  // False when they were read, or tried to be, a moment ago; else they are tried now.
  bool begin(const Sight& sight, const Capabilities& own, Instant now);
  void keep(const Sight& sight, const Capabilities& own, std::vector<ActivityType> read, Instant now);

 private:
  struct Entry {
    Instant tried{};
    Capabilities read;
  };
  std::map<Sight, Entry> entries_;
};

}  // namespace aftercall::matcher
