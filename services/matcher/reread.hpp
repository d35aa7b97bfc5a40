#pragma once
#include <chrono>
#include <map>

#include "domain/capabilities.hpp"
#include "domain/session.hpp"
#include "matcher/remembered.hpp"

namespace aftercall::matcher {

// True when the session wants an activity of a type that is not known: somebody may have made one since.
bool misses_activity_type(const Session& session, const Capabilities& can);

// Capabilities that were read again here, between two connects of an account. Pure but for its contents.
class Reread {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes at_most_every{5};

  // The newest that are known of the account.
  const Capabilities& newest(const Sight& sight, const Capabilities& own) const;
  // False when they were read, or tried to be, a moment ago; else they are tried now.
  bool begin(const Sight& sight, const Capabilities& own, Instant wall, Time now);
  void keep(const Sight& sight, Capabilities read);

 private:
  struct Entry {
    Time tried{};
    Capabilities read;
  };
  std::map<Sight, Entry> entries_;
};

}  // namespace aftercall::matcher
