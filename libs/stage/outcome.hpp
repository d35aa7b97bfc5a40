#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "domain/failure.hpp"
#include "domain/id.hpp"
#include "domain/record.hpp"
#include "domain/revision.hpp"
#include "domain/session.hpp"
#include "domain/settled.hpp"
#include "wire/envelope.hpp"

namespace aftercall::stage {

// One session for one CRM account: what is run, deferred and settled on its own. The payload is whatever the
// stage's split() parsed; only its step() knows the type, so that the runner is compiled once.
struct Unit {
  CrmAccount account;  // empty: the event as a whole
  SessionKey session;
  Revision revision;
  std::shared_ptr<const void> payload{};

  template <class T>
  const T& as() const {
    return *static_cast<const T*>(payload.get());
  }
};

// What a step is told beside its unit.
struct Context {
  wire::Envelope envelope;  // of the event that is worked on
  Position at;              // where it lies: the ledger uses the same partition number
  std::uint64_t epoch = 0;  // of the partition's assignment to this process
  int attempt = 1;          // in place, counted from 1
  std::chrono::system_clock::time_point now;
  std::chrono::steady_clock::time_point deadline;  // all of the step's requests together
  std::shared_ptr<const bool> ours;  // false once the partition was taken away: send nothing more
  bool effects = true;               // false: a dry run, write nothing anywhere
  Spent spent{};  // by this stage on earlier tries of this unit; a step's outcome includes it
};

// The next stage's event. `topic` is a short name (wire/topics.hpp); the envelope is made by the runner.
struct Emit {
  std::string topic;
  std::string value;
  Spent spent{};
};

// The unit ends here, with a reason: published as session.settled. The runner fills in session, revision and
// account from the unit, and who says so and when; the rest is what the step knows.
struct Settle {
  Settled settled;
};
Settle settle(std::string reason, std::string detail = {});

// What is in the CRM of a unit, as far as its stage knows without asking.
struct Stands {
  std::vector<ArtifactState> artifacts;
  ConnectionId connection;
};

// The unit could not be done. What happens next follows from the cause (recovery.hpp).
struct Failed {
  Failure failure;
  std::vector<ArtifactState> artifacts{};  // every artifact's state so far; none: Steps::stands is asked
  ConnectionId connection{};
  Spent spent{};     // by this try alone
  bool here = true;  // false: a transient failure is deferred at once, because it cannot pass within seconds
  // What matters is done: so the unit ends when its tries are over, instead of being dead. What it still
  // waits for is told as failed by then; `spent` is what stages before this one spent.
  std::optional<Settled> if_given_up{};
};

using Outcome = std::variant<Emit, Settle, Failed>;

}  // namespace aftercall::stage
