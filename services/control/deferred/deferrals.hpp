#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "control/deferred/deferral.hpp"

namespace aftercall::control {

// What waits in event.deferred, of all partitions, and what of it is due. Only what lies in partitions that
// are ours is ever given out; accounts take turns, so that one with ten thousand does not hold up the others.
class Deferrals {
 public:
  struct Entry {
    Deferral deferral;
    std::optional<Instant> due{};
    bool in_hand = false;
  };

  // The newest record of a key counts. `due` nothing: waits for a change or a person.
  void insert(Deferral deferral, std::optional<Instant> due);
  void erase(const std::string& key);
  void own(std::set<int> partitions);
  // Asks anew when each one is due that nobody has in hand.
  void reconsider(const std::function<std::optional<Instant>(const Deferral&)>& due_of);

  // The next one that is due, of the account whose turn it is among those that may have one more. It is in
  // hand until it is erased, replaced or put back.
  using MayHaveMore = std::function<bool(const Deferral& first)>;
  std::optional<Deferral> next(Instant now, const MayHaveMore& may);
  void put_back(const std::string& key, std::optional<Instant> due);

  // For which accounts something is blocked that a change may end.
  std::set<std::pair<TenantId, CrmAccount>> blocked() const;

  const Deferral* find(const std::string& key) const;
  const std::map<std::string, Entry>& all() const { return entries_; }
  // Of one stage, of one kind; with `ours` only in our partitions.
  struct Count {
    std::string stage;
    Kind kind = Kind::Blocked;
    auto operator<=>(const Count&) const = default;  // NOLINT(modernize-use-nullptr): misread by version 14
  };
  std::map<Count, std::int64_t> counts() const { return counts_of(false); }
  std::map<Count, std::int64_t> counts_of_ours() const { return counts_of(true); }

 private:
  using Due = std::set<std::pair<Instant, std::string>>;
  std::map<Count, std::int64_t> counts_of(bool ours) const;
  bool is_listed(const Entry& entry) const;
  void list(const Entry& entry);
  void unlist(const Entry& entry);

  std::map<std::string, Entry> entries_;
  std::map<std::string, Due> due_;                                  // by turn; of our partitions, not in hand
  std::map<std::pair<TenantId, CrmAccount>, std::size_t> blocked_;  // how many
  std::set<int> ours_;
  std::string last_turn_;
};

}  // namespace aftercall::control
