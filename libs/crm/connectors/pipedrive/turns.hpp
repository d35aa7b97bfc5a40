#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "domain/failure.hpp"
#include "pace.hpp"

namespace aftercall::crm::pipedrive {

// Whose turn it is to search, which is what there is least of: a few looks at a time, the others in the order
// in which their units came. Who cannot have a turn before its deadline hears so at once and spends nothing.
// Time comes in, nothing waits here.
class Turns {
 public:
  using Moment = Pace::Moment;
  // What is sent later than that before the deadline may be paid for and remain unread.
  static constexpr std::chrono::seconds an_answer{1};
  // One look's. All units have as much time as each other: the earlier the deadline, the earlier it came, and
  // a unit's second look stands where its first one stood.
  struct Place {
    Moment deadline;
    std::uint64_t number = 0;
    auto operator<=>(const Place&) const = default;  // NOLINT(modernize-use-nullptr): misread by version 14
  };

  Place come(Moment deadline, std::size_t searches);
  bool may_search(const Place& place) const;
  // Why there is no time for its next search, if so, and when whoever comes then has a turn. A look that can
  // begin at once does.
  std::optional<Failure> too_late(const Place& place, const Pace& pace, Moment now) const;
  // From when on it is too late for who waits, whatever the others do.
  static Moment last_moment(const Place& place);
  // One search is done, and so many are left; none: the place is given up.
  void left(const Place& place, std::size_t searches);

 private:
  struct Look {
    std::size_t left = 0;
    bool searching = false;
    bool begun = false;
  };
  void let_in();
  std::size_t searches_before(const Place& place, bool as_the_last) const;

  std::map<Place, Look> looks_;
  std::size_t searching_ = 0;
  std::uint64_t came_ = 0;
};

}  // namespace aftercall::crm::pipedrive
