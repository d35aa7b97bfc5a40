#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bus_world.hpp"

namespace aftercall::bus {

// A member of a group as a stage would drive it: answers changes, takes what it may, keeps what it got.
class Member {
 public:
  explicit Member(std::unique_ptr<Consumer> consumer) : consumer_(std::move(consumer)) {}

  void step() {
    while (answers) {
      const auto change = consumer_->change();
      if (!change) break;
      if (const auto* const assigned = std::get_if<Assigned>(&*change)) {
        owned = {assigned->partitions.begin(), assigned->partitions.end()};
        committed = assigned->committed;
      } else {
        owned.clear();
        ++takings;
      }
      consumer_->accept();
    }
    for (const int partition : owned) {
      if (unread.contains(partition)) continue;
      while (auto record = consumer_->take(partition)) got[partition].push_back(std::move(*record));
    }
  }

  std::vector<std::string> values(int partition) {
    std::vector<std::string> values;
    for (const Record& record : got[partition]) values.push_back(record.value.value_or("(tombstone)"));
    return values;
  }
  std::size_t count() const {
    std::size_t count = 0;
    for (const auto& [partition, records] : got) count += records.size();
    return count;
  }
  Consumer& operator*() { return *consumer_; }
  Consumer* operator->() { return consumer_.get(); }
  void die() { consumer_.reset(); }

  std::set<int> owned;
  std::set<int> unread;  // partitions that it does not take from
  Offsets committed;     // as told with the last assignment
  std::map<int, std::vector<Record>> got;
  bool answers = true;  // to changes
  int takings = 0;      // how often its partitions were taken away

 private:
  std::unique_ptr<Consumer> consumer_;
};

}  // namespace aftercall::bus
