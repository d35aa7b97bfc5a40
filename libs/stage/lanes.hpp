#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "stage/bounds.hpp"

namespace aftercall::stage {

using Ticket = std::uint64_t;  // names a unit inside the runner
using Moment = std::chrono::steady_clock::time_point;

struct Ticketed {
  Ticket ticket = 0;
  std::string lane;   // tenant and CRM account
  std::string order;  // Kafka key and CRM account: one at a time, in the order of arrival
  std::size_t bytes = 0;
};

// Who may run next. Lanes take turns, so that a lane that hangs, rests or has thousands waiting costs the
// others nothing; inside a lane, order keys take turns.
class Lanes {
 public:
  explicit Lanes(LaneBounds bounds) : bounds_(bounds) {}

  enum class Room {
    Yes,
    Soon,  // full, but it moves, or nobody has looked for long enough to tell: worth waiting for
    No,    // rests long, or is full and does not move: what arrives must wait elsewhere
  };
  Room room(const std::string& name, std::size_t bytes, Moment now);
  // For so long answers may have lain about that we had no time to look at: no lane's pace is to blame for
  // it.
  void overslept(std::chrono::nanoseconds time) { overslept_ += time; }
  std::optional<Moment> rests_until(const std::string& name, Moment now) const;

  void push(Ticketed unit, Moment now);
  // Its step is to be started: it holds a slot of its lane and its order key from now on.
  std::optional<Ticket> next(Moment now);

  // The step has ended; the order key is kept until the unit is finished() or comes again(). A lane whose CRM
  // does not answer loses half of its slots each time and gets them back one by one.
  enum class Answer { Came, Missing };
  void ended(Ticket ticket, Answer answer);
  void finished(Ticket ticket);          // ended or waiting: it is gone
  void again(Ticket ticket, Moment at);  // ended: the same unit is the first of its order key, at its time
  void rest(const std::string& name, Moment until);
  std::vector<Ticket> spill(const std::string& name);  // all that wait in it, oldest first; they are finished
  // The lane with most waiting units among those that do not move.
  std::optional<std::string> stuck(Moment now);

  std::optional<Moment> next_due(Moment now) const;  // when the next retry or rest ends, later than now
  std::size_t waiting() const { return waiting_; }
  std::size_t running() const { return running_; }

 private:
  struct Order {
    std::deque<Ticket> waiting;
    bool busy = false;
    Moment not_before{};
  };
  // How a lane gets on while somebody wants room.
  struct Pace {
    Moment since{};        // when this look began, had we never overslept
    std::size_t left = 0;  // units that were worked off since then
    bool enough = true;    // as the last look said
  };
  struct Lane {
    std::unordered_map<std::string, Order> orders;
    std::deque<std::string> ready;  // hints: whether an order may run is looked at when its turn comes
    std::multimap<Moment, std::string> later;  // retries in place
    std::set<std::pair<Moment, Ticket>> waiting;
    std::size_t bytes = 0;  // of those waiting
    std::size_t running = 0;
    std::size_t slots = 0;
    Moment rest_until{};
    std::optional<Pace> pace;  // nothing: nobody has had to wait since it was last empty
    bool in_turn = false;
  };
  struct Place {
    Ticketed unit;
    Moment since;
    enum class State { Waiting, Running, Ended } state = State::Waiting;
  };
  using Named = std::pair<const std::string, Lane>;

  bool full(const Lane& lane, std::size_t bytes) const;
  bool moves(Lane& lane, Moment now) const;
  std::optional<Ticket> next_in(Lane& lane, Moment now);
  void wait(Lane& lane, const Place& place);
  void unwait(Lane& lane, const Place& place);
  void take_turns(Named& lane);
  void forget_if_idle(const std::string& name);

  LaneBounds bounds_;
  std::unordered_map<std::string, Lane> lanes_;
  std::unordered_map<Ticket, Place> places_;
  std::deque<Named*> turns_;  // every lane with something waiting, once
  Moment now_{};              // when somebody last came or went
  std::chrono::nanoseconds overslept_{0};
  std::size_t waiting_ = 0;
  std::size_t running_ = 0;
};

}  // namespace aftercall::stage
