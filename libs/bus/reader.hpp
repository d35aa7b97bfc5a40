#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "bus/deadline.hpp"
#include "domain/failure.hpp"
#include "domain/record.hpp"

namespace aftercall::bus {

namespace asio = boost::asio;

constexpr std::int64_t beginning = -2;

// Where to start reading a partition. An offset that retention has deleted means the beginning.
struct Start {
  std::string topic;
  int partition = 0;
  std::int64_t offset = beginning;
};

// What a reader wants of Kafka. A view of whole topics may be a moment behind: it is answered when there is
// something worth an answer. Else each record would be one, of a broker that everybody else waits for.
enum class Answers { AtOnce, InLargePieces };

// What Kafka holds of a partition: from its first offset to before `next`.
struct Extent {
  std::string topic;
  int partition = 0;
  std::int64_t first = 0, next = 0;
};
// Which Kafka it is, and what it holds of the partitions. An offset is a place in one cluster only.
struct Ground {
  std::string cluster;
  std::vector<Extent> extents;
};

// Reads partitions for itself, outside of any group, and never commits: for views, configuration, restoring.
// First what is there, then what is appended. Everything is called on the thread that runs the executor given
// to open(); outlives every coroutine that awaits it.
class Reader {
 public:
  virtual ~Reader() = default;

  // At least one record unless the deadline or the end came first, at most `most`; those of a partition in
  // order. One caller at a time.
  virtual asio::awaitable<Result<std::vector<Record>>> read(std::size_t most, Deadline deadline) = 0;

  // Everything up to the ends that were asked for last was given out.
  virtual bool caught_up() const = 0;

  // Asks Kafka for the partitions' ends of now; caught_up() then speaks of these. The first read() does it by
  // itself.
  virtual asio::awaitable<Result<void>> aim(Deadline deadline) = 0;

  // What the last aim() found; empty before.
  virtual Ground ground() const = 0;
};

}  // namespace aftercall::bus
