#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "domain/instant.hpp"
#include "matcher/match.hpp"
#include "matcher/remembered.hpp"

namespace aftercall::matcher {

// What a unit was answered in a try that something transient cut short. Its next try goes on from there, so
// that it ends however many people it has and whatever the limit is; others ask for themselves, for whom it
// would be old.
// Pure but for its contents; time is an argument.
class Unfinished {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Since the last try: longer than the first wait in event.deferred, and nobody is nobody for ever.
  static constexpr std::chrono::minutes kept_for{15};
  static constexpr std::size_t most = 20'000;  // answers

  struct Unit {
    Sight sight;
    std::string event;
    std::string run;                                // a resend asks for all once more, but not twice
    auto operator<=>(const Unit&) const = default;  // NOLINT(modernize-use-nullptr): misread by version 14
  };
  struct Told {
    std::map<std::string, Result<crm::Answer>> contacts;  // answers alone, as in Known
    Instant since{};                                      // the first try's time
  };
  std::optional<Told> take(const Unit& unit, Time now);
  // Of these contacts those that were answered.
  void keep(const Unit& unit, Told told, Time now);

 private:
  struct Entry {
    Told told;
    Time until;
  };
  void make_room(std::size_t answers, Time now);
  std::map<Unit, Entry> entries_;
  std::size_t answers_ = 0;
};

}  // namespace aftercall::matcher
