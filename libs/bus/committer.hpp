#pragma once
#include <chrono>
#include <optional>

#include "bus/consumer.hpp"

namespace aftercall::bus {

// What a member has to commit, gathered: a stage calls for each record, the broker need not. Pure; time comes
// in.
class Committer {
 public:
  // The highest offset of a partition counts.
  void want(const Offsets& offsets);

  // What to send now, if anything: one request is on its way at most, and a tenth of a second lies between
  // two.
  std::optional<Offsets> next(Deadline now);

  void answered(const Offsets& sent, bool accepted, bool may_pass);  // the answer to what next() gave
  void accepted(
      const Offsets& offsets);  // committed in another way, or where the group stood when it was assigned
  void forget();                // the partitions are not ours any more

  const Offsets& committed() const { return committed_; }

 private:
  Offsets wanted_, committed_;
  bool on_its_way_ = false;
  bool outdated_ = false;  // what is on its way was of an earlier assignment
  Deadline not_before_{};
};

}  // namespace aftercall::bus
