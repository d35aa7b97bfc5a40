#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "aftercall/events/v1/event_deferred.pb.h"
#include "aftercall/events/v1/session_settled.pb.h"
#include "bus/memory.hpp"
#include "stage/stage.hpp"

// A bench for the runner: a memory bus, processes that can be killed, a clock that only the test moves, and
// steps that answer when the test says so.
namespace aftercall::stage::bench {

namespace v1 = aftercall::events::v1;
using namespace std::chrono_literals;

using Moment = std::chrono::steady_clock::time_point;

class ManualClock : public Clock {
 public:
  Moment now() const override { return now_; }
  std::chrono::system_clock::time_point wall() const override { return wall_; }
  void call_at(Moment at, std::function<void()> then) override { calls_.emplace(at, std::move(then)); }
  double jitter() override { return 0.0; }

  std::optional<Moment> next() const;
  void move_to(Moment at);  // and call what is due

 private:
  Moment now_{1000s};
  std::chrono::system_clock::time_point wall_{std::chrono::system_clock::now()};
  std::multimap<Moment, std::function<void()>> calls_;
};

// The memory bus as one process sees it, so that the process can be thrown out of its group, and see its
// records refused.
class WatchedBus : public bus::Bus {
 public:
  WatchedBus(bus::MemoryBus& inner, const bool& refuses, const bool& loses_commits)
      : inner_(inner), refuses_(refuses), loses_commits_(loses_commits) {}
  std::unique_ptr<bus::Producer> producer(bus::ProducerSettings settings) override;
  std::unique_ptr<bus::Consumer> consumer(bus::ConsumerSettings settings) override;
  std::unique_ptr<bus::Reader> reader(std::vector<bus::Start> starts, bus::Answers answers) override;
  std::unique_ptr<bus::Admin> admin() override;
  bus::Consumer* made = nullptr;
  std::optional<bus::ConsumerSettings> asked{};

 private:
  bus::MemoryBus& inner_;
  const bool& refuses_;
  const bool& loses_commits_;
};

// A step that was started and not answered yet.
struct Held {
  Unit unit;
  Context context;
  boost::asio::io_context* where = nullptr;  // the process
  std::optional<Outcome> answer{};
  std::shared_ptr<boost::asio::steady_timer> bell{};
  std::string session() const { return unit.session.session.str(); }
};

class Bench {
 public:
  explicit Bench(int partitions = 1);
  ~Bench();

  struct Process {
    explicit Process(Bench& bench);
    boost::asio::io_context io;
    WatchedBus bus;
    std::unique_ptr<Stage> stage;
    bool alive = true;
    bool ended = false;
    std::optional<Failure> failure{};
    std::string thrown{};
  };
  // With these settings and these steps; both may be changed between two starts.
  Settings settings;
  Steps steps;
  Process& start();
  void kill(Process& process);  // at once: nothing more happens in it, and its group notices

  // What a step does: answers at once, or nothing = is held until answer(). By default it emits.
  std::function<std::optional<Outcome>(const Unit& unit, const Context& context)> answers;
  std::vector<std::shared_ptr<Held>> held;
  void answer(Held& step, Outcome outcome);
  std::shared_ptr<Held> find(const std::string& session);  // null: no such step is held

  // One session.finished; its value names the CRM accounts of its units, or how it cannot be split.
  struct Publishing {
    std::string session = "s";
    std::string tenant = "t1";
    std::string value = "a1";
    std::size_t padding = 0;
    wire::Envelope envelope{};  // id, tenant and subject are filled in
  };
  void publish(Publishing what);
  void publish_raw(Draft draft);

  void settle();  // until nothing more happens without time
  void advance(std::chrono::milliseconds time);

  std::vector<Record> records(const std::string& topic) const;  // of all partitions
  std::vector<v1::EventDeferred> deferred() const;
  std::vector<v1::SessionSettled> settled() const;
  std::vector<std::string> emitted() const;  // the sessions, in the order of each partition
  bus::Offsets committed();

  std::vector<std::string> started;  // sessions, in the order of their steps' starts
  std::size_t most_at_once = 0;
  std::size_t split_records = 0;

  boost::asio::io_context io;
  bus::MemoryBus bus;
  bool refuses = false;  // every record of every process, as Kafka does in the end when it was away for long
  bool loses_commits = false;  // commit() of every process, as when Kafka never answers it
  ManualClock clock;

 private:
  friend struct Process;
  boost::asio::awaitable<Outcome> step(Unit unit, Context context);

  int partitions_;
  std::vector<std::unique_ptr<Process>> processes_;
};

Outcome emits();
Outcome fails(Cause cause, std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

}  // namespace aftercall::stage::bench
