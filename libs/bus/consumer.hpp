#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "bus/deadline.hpp"
#include "domain/failure.hpp"
#include "domain/record.hpp"

namespace aftercall::bus {

namespace asio = boost::asio;

// Partition → the next offset to be read: what a group commits.
using Offsets = std::map<int, std::int64_t>;

struct Assigned {
  std::vector<int> partitions;  // may be none: more members than partitions
  Offsets committed;            // where the group stands; a partition without starts at its beginning
};
struct Revoked {  // finish and commit what is in hand, then accept; a late commit may be refused
  std::vector<int> partitions;
};
struct Lost {  // already somebody else's: drop what is in hand, a commit would be refused
  std::vector<int> partitions;
};
using Change = std::variant<Assigned, Revoked, Lost>;

// Each is missing until it is known.
struct Lag {
  int partition = 0;
  std::optional<std::int64_t> first;      // the oldest record there is
  std::optional<std::int64_t> committed;  // where the group stands; missing: it never committed
  std::optional<std::int64_t> end;        // behind the newest record

  std::int64_t events() const {
    if (!end) return 0;
    return std::max<std::int64_t>(*end - std::max(committed.value_or(0), first.value_or(0)), 0);
  }
};

// One member of a consumer group on one topic: eager assignor, commits by hand. A record is fetched ahead but
// given out only when asked for: not to take is the back-pressure, and partitions do not disturb one another.
// Everything is called on the thread that runs the executor given to open(), which also keeps the membership
// alive; outlives every coroutine that awaits it.
class Consumer {
 public:
  virtual ~Consumer() = default;  // without leave() it is a member that died

  // The change that waits for an answer, the same one until accept(). After Revoked or Lost was accepted the
  // partitions are gone; after Assigned they give records. Accept Assigned at once and hold back by not
  // taking: the group's other members may be waiting for the answer.
  virtual std::optional<Change> change() = 0;
  virtual void accept() = 0;

  // The partition's next record, if one was fetched. Nothing for partitions that are not ours or being
  // revoked.
  virtual std::optional<Record> take(int partition) = 0;

  // Returns when there may be something new since change() and take() last answered nothing, or at the
  // deadline. One caller at a time.
  virtual asio::awaitable<void> activity(Deadline deadline) = 0;

  // Commits soon, many calls in one request, again after a failure that may pass; the highest offset counts.
  virtual void commit(Offsets offsets) = 0;

  // Commits at once; a failure when the group has moved on without us or no answer came by the deadline.
  virtual asio::awaitable<Result<void>> commit_now(Offsets offsets, Deadline deadline) = 0;

  // Of the partitions that are ours; the end as of the last fetch, which stands still while nothing is taken.
  virtual std::vector<Lag> lag() const = 0;

  // Leaves the group. Drain and commit first: what is not committed is read again by another member.
  virtual asio::awaitable<void> leave(Deadline deadline) = 0;

  // Why this member can never work again, if so (another process took its instance id).
  virtual std::optional<std::string> fatal() const = 0;
};

}  // namespace aftercall::bus
