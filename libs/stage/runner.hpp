#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "stage/drafts.hpp"
#include "stage/in_hand.hpp"
#include "stage/lanes.hpp"
#include "stage/recovery.hpp"
#include "stage/stage.hpp"
#include "stage/tracker.hpp"

namespace aftercall::stage {

// A partition while it is ours.
struct Partition {
  int number = 0;
  std::uint64_t epoch = 0;
  bool open = false;  // on_assigned() has succeeded: events may be tried
  Tracker tracker{};
  std::deque<std::shared_ptr<struct Visit>> arrived{};  // split, and not in a lane yet: its lane is full
  std::vector<Handle> suspects{};                       // to be met before anything else is run
  std::size_t in_hand = 0;                              // steps at work and outcomes on their way
  std::shared_ptr<bool> ours = std::make_shared<bool>(true);
};

// A unit while it is in the runner.
struct Visit {
  Ticket ticket = 0;
  std::shared_ptr<const Event> event;
  Unit unit;
  std::shared_ptr<Partition> partition;
  std::string lane;
  std::string order;
  std::size_t bytes = 0;
  bool alone = false;  // run with nothing beside it, outside of the lanes
  bool busy = false;   // its step is at work or its outcome on its way
  int attempt = 0;
  int rests = 0;
  Spent spent{};  // by its tries here that led to nothing
  Moment first_started{};
  Moment started{};
  std::chrono::nanoseconds took{0};

  Handle handle() const { return {partition->number, event->record.at.offset, unit.account.str()}; }
};
using VisitPtr = std::shared_ptr<Visit>;

// How a unit leaves the runner: what is published, and what the log says about it.
struct Departure {
  Draft draft;
  std::string outcome;
  std::string reason{};
  std::optional<Cause> cause{};
  std::optional<Kind> deferred{};  // nothing: it was emitted or settled
  Spent spent{};
};

// The body of Stage, by subject: runner.cpp (start, loop, stop), membership.cpp (partitions come and go),
// intake.cpp (records become units in lanes), work.cpp (steps and their outcomes), report.cpp (log, metrics).
// Everything runs on one thread; whatever waits is a task that run() awaits, and holds the runner alive.
class Runner : public std::enable_shared_from_this<Runner> {
 public:
  Runner(asio::any_io_executor executor, bus::Bus& bus, Clock& clock, Settings settings, Steps steps);

  asio::awaitable<Result<void>> run();
  void stop();
  std::optional<std::string> not_ready() const;

 private:
  // runner.cpp
  asio::awaitable<bool> prepare();
  asio::awaitable<void> check_retention();
  asio::awaitable<void> loop();
  asio::awaitable<void> wind_up();
  asio::awaitable<void> watch();
  asio::awaitable<void> rung();
  asio::awaitable<void> pause(std::chrono::milliseconds time);
  void spawn(asio::awaitable<void> task);
  void ring();
  void ring_at(Moment at);
  void tick();
  void note_lateness();
  void pump();
  void end(Failure why);
  Instant now() const { return truncate(clock_.wall()); }

  // membership.cpp
  asio::awaitable<void> follow_change();
  void assigned(const bus::Assigned& change);
  asio::awaitable<void> open(std::shared_ptr<Partition> partition);
  void drop_waiting();
  void give_up_partitions();
  std::size_t in_hand() const;
  bus::Offsets uncommitted() const;
  void commit_if_due();

  // intake.cpp
  enum class Taken { One, None, Held, Full };  // held: what came last has no place yet; full: the process is
  void intake();
  Taken take_from(const std::shared_ptr<Partition>& partition);
  bool has_room();
  void receive(const std::shared_ptr<Partition>& partition, Record record);
  Result<std::vector<Unit>> split(Event& event);
  VisitPtr add(const std::shared_ptr<Partition>& partition, std::shared_ptr<const Event> event, Unit unit);
  bool place_arrived(Partition& partition);
  bool place(const VisitPtr& visit);
  void spill(const std::string& lane);
  void spill(const VisitPtr& visit);
  void spill_oldest(const Partition& partition);
  void remove(const VisitPtr& visit);

  // work.cpp
  void dispatch();
  bool waits_for_suspects();
  void start(const VisitPtr& visit);
  asio::awaitable<void> work(VisitPtr visit);
  std::optional<Departure> conclude(const VisitPtr& visit, Outcome outcome);
  std::optional<Departure> conclude_failure(const VisitPtr& visit, Failed failed);
  std::optional<Departure> conclude_rest(const VisitPtr& visit, std::chrono::milliseconds delay,
                                         Failed failed);
  Failed with_stands(const Visit& visit, Failed failed) const;
  std::chrono::milliseconds rest_without_lease(const std::string& lane, std::chrono::milliseconds delay);
  void again(const VisitPtr& visit, Moment at);
  void conclude_unrun(const VisitPtr& visit, Failure failure);
  static Spent spent_on(const Visit& visit);  // this copy and those before
  Departure departure(const Visit& visit, Recovery recovery, Spent spent) const;
  Departure departure_of_unpublishable(const Visit& visit, const Failure& why) const;
  void deliver_soon(const VisitPtr& visit, Departure end);
  asio::awaitable<void> deliver(VisitPtr visit, Departure end);
  asio::awaitable<std::optional<Departure>> publish_until_acked(VisitPtr visit, Departure end);
  asio::awaitable<Result<Position>> publish(Draft draft);
  void let_go(const VisitPtr& visit);
  Context context(const Visit& visit) const;
  Maker maker(const Visit& visit) const;
  History history(const Visit& visit) const;
  Rules rules() const { return {settings_.retry, settings_.expires_after}; }
  static bool is_ours(const Visit& visit) { return *visit.partition->ours; }

  // report.cpp
  void report(const Visit& visit, const Departure& end) const;
  void show_if_due();

  asio::any_io_executor executor_;
  bus::Bus& bus_;
  Clock& clock_;
  const Settings settings_;
  const Steps steps_;
  std::unique_ptr<bus::Producer> producer_;
  std::unique_ptr<bus::Consumer> consumer_;
  std::optional<InHand> guard_;

  std::map<int, std::shared_ptr<Partition>> partitions_;
  std::map<Ticket, VisitPtr> visits_;
  Lanes lanes_;
  std::map<std::string, Moment> leaseless_;  // lanes whose last answer was that there is no lease: since when
  std::deque<VisitPtr> alone_;
  std::size_t bytes_ = 0;  // of all jobs
  std::size_t at_work_ = 0;
  bool one_alone_ = false;  // a visit that runs alone is at work
  int last_taken_ = -1;     // partitions take turns, too
  Ticket last_ticket_ = 0;
  std::uint64_t last_epoch_ = 0;

  asio::steady_timer bell_;
  bool rung_ = false;
  std::optional<Moment> armed_;
  std::optional<Moment> tick_;  // when the loop will look up next; what it is late beyond that is noted
  asio::steady_timer listen_;   // wakes watch()
  bool all_taken_ = false;      // nothing more is waiting to be taken
  std::size_t tasks_ = 0;

  bool stopping_ = false;
  bool over_ = false;  // nothing waits any more, not even for Kafka
  bool subscribed_ = false;
  std::optional<Moment> revoked_;  // since when a revocation waits for what is in hand
  std::optional<Moment> suspects_until_;
  std::size_t unpublished_ = 0;  // outcomes that Kafka did not take: nothing new is begun meanwhile
  std::optional<std::string> halted_;
  Moment next_commit_{};
  Moment next_show_{};
  std::optional<Failure> failure_;
  std::exception_ptr thrown_;
};

}  // namespace aftercall::stage
