#pragma once
#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "bus/bus.hpp"
#include "bus/wakeup.hpp"
#include "control/deferred/credit.hpp"
#include "control/deferred/deferrals.hpp"
#include "control/deferred/released_copy.hpp"
#include "control/deferred/shelf.hpp"
#include "control/turns.hpp"
#include "process/tasks.hpp"
#include "stage/clock.hpp"
#include "tenancy/directory.hpp"
#include "wire/topics.hpp"

namespace aftercall::control {

// Releases what waits in event.deferred: publishes the event again, waits for the ack, then writes the
// tombstone. Every instance of control knows all partitions; a consumer group says which of them it may
// release, and it does so once it has read them to the end they had when it got them. A copy that is
// published twice (killed before the tombstone, a partition that changed hands) changes nothing in the CRM.
// Used by one thread; what it lent its names to outlives it.
class Releaser {
 public:
  struct Parts {
    asio::any_io_executor executor;
    bus::Bus& bus;
    stage::Clock& clock;
    const tenancy::Directory& directory;  // kept up to date by its owner
    wire::TopicNames topics;
    std::string group;  // of the instances that release
    Credit::Limits credit{};
    std::filesystem::path table{};  // file for what waits; empty: in memory
  };
  explicit Releaser(Parts parts);

  // Ends after stop(), or when Kafka is lost for good: what is in hand is finished, the group left. When the
  // table's disk is full or broken it begins anew, with the table in memory.
  asio::awaitable<void> run();
  void stop();
  std::optional<std::string> why_not_ready() const;

  // What waits, in all partitions.
  const Deferrals& deferrals() const { return *deferrals_; }
  // Why it is kept in memory, if so: its disk is full or broken.
  const std::optional<std::string>& in_memory() const { return in_memory_; }

  // A person's wish, durably: they are released as soon as their accounts' credit allows, or given up, by
  // whoever owns them. `audit` is published first. Those that are gone meanwhile are left out; answers the
  // others.
  asio::awaitable<Result<std::vector<std::string>>> want(std::vector<std::string> keys, Wish wish,
                                                         Draft audit, bus::Deadline deadline);

  enum class Ending { Released, Expired, Discarded };

 private:
  // releaser.cpp
  asio::awaitable<void> follow_and_release();
  void keep_in_memory(const view::DiskTrouble& trouble);
  bool over() const { return stopping_ || thrown_ != nullptr; }
  std::optional<std::string> fatal() const;
  asio::awaitable<bool> prepare();
  asio::awaitable<Result<std::vector<bus::Start>>> find_starts(bus::Deadline deadline);
  asio::awaitable<void> follow();
  asio::awaitable<void> pause(std::chrono::milliseconds time) const;
  void apply(Record record);
  void deferred(Record record);
  void settled(const Record& record);
  void pump();
  void tick();
  void show();
  Instant now() const { return truncate(parts_.clock.wall()); }
  std::optional<Instant> due(const Deferral& deferral) const;

  // membership.cpp
  asio::awaitable<void> keep_membership();
  asio::awaitable<void> answer(bus::Change change);
  asio::awaitable<void> drain();
  void own_if_read();
  void disown();

  // releasing.cpp
  asio::awaitable<void> release(Deferral deferral);
  asio::awaitable<bool> publish_again(Deferral deferral);
  Ending ending_of(const Deferral& deferral) const;
  Result<std::optional<Draft>> place_taker(const Deferral& deferral, const Record& record,
                                           Ending ending) const;
  bool put_back(const Deferral& deferral, const Failure& why);
  asio::awaitable<void> finish(Deferral deferral);
  asio::awaitable<Result<Record>> record_of(Deferral deferral);
  asio::awaitable<Result<Record>> read_again(Deferral deferral);
  asio::awaitable<Result<std::vector<Draft>>> wishes(std::vector<std::string> keys, Wish wish);
  asio::awaitable<void> publish_wish(Draft draft, std::size_t* acked);
  bool is_copied(const Deferral& deferral) const;
  Instant soon() const;

  struct Alarm {
    explicit Alarm(const asio::any_io_executor& executor) : bell(executor) {}
    bus::Wakeup bell;
    bool armed = false;
  };

  Parts parts_;
  std::unique_ptr<bus::Producer> producer_;
  std::unique_ptr<bus::Reader> reader_;
  std::unique_ptr<bus::Consumer> group_;
  std::optional<Deferrals> deferrals_;  // always there, but for another in its place
  std::optional<std::string> in_memory_;
  Credit credit_;
  Shelf shelf_;
  Turns reading_;  // one at a time reads again: each needs a client of its own
  std::shared_ptr<Alarm> alarm_;
  process::Tasks tasks_;

  std::map<std::string, Position> copied_;    // acked; their tombstones are not yet
  std::map<std::string, Position> hopeless_;  // nothing could be published of them: until they expire
  std::set<int> assigned_;
  std::optional<std::set<int>> owned_;  // nothing: not read to the end yet
  bool aimed_ = false;                  // the reader's aim is the end as of the assignment, or later
  bool restored_ = false;
  std::int64_t seen_version_ = -1;  // of the directory
  Instant next_show_{};
  std::size_t in_hand_ = 0;
  std::exception_ptr thrown_;  // by a task
  bool stopping_ = false;
};

}  // namespace aftercall::control
