#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "control/deferred/deferral.hpp"
#include "view/database.hpp"

namespace aftercall::control {

// What waits in event.deferred, of all partitions, and what of it is due. Only what lies in partitions that
// are ours is ever given out; accounts take turns, so that one with ten thousand does not hold up the others.
// They lie in SQLite, for there may be a hundred thousand (1.3 KB each, if they were held); in memory are a
// few words for each account. The file is begun anew each time: event.deferred is read from its start anyway.
class Deferrals {
 public:
  // An empty path keeps them in memory. Throws std::runtime_error when there can be no such file; that, and
  // all that follows, view::DiskTrouble.
  explicit Deferrals(const std::filesystem::path& file = {});

  // The newest record of a key counts. `due` nothing: waits for a change or a person.
  void insert(Deferral deferral, std::optional<Instant> due);
  void erase(const std::string& key);
  void own(std::set<int> partitions);
  // Asks anew when each blocked one is due that nobody has in hand.
  void reconsider(const std::function<std::optional<Instant>(const Deferral&)>& due_of);
  // Many changes, faster.
  void together(const std::function<void()>& changes) { database_.transaction(changes); }

  // The next one that is due, of the account whose turn it is among those that may have one more. It is in
  // hand until it is erased, replaced or put back.
  using MayHaveMore = std::function<bool(const Deferral& first)>;
  std::optional<Deferral> next(Instant now, const MayHaveMore& may);
  void put_back(const std::string& key, std::optional<Instant> due);

  // For which accounts something is blocked that a change may end.
  std::set<std::pair<TenantId, CrmAccount>> blocked() const;

  std::optional<Deferral> find(const std::string& key) const;
  bool contains(const std::string& key) const;
  bool waits(const std::string& key) const;  // it is there, and nobody has it in hand
  std::int64_t size() const;
  // By key, from the first one after `after`, until `look` answers false.
  void each(const std::string& after, const std::function<bool(const Deferral&)>& look) const;

  // Of one stage, of one kind; with `ours` only in our partitions.
  struct Count {
    std::string stage;
    Kind kind = Kind::Blocked;
    auto operator<=>(const Count&) const = default;  // NOLINT(modernize-use-nullptr): misread by version 14
  };
  std::map<Count, std::int64_t> counts() const { return counts_of(false); }
  std::map<Count, std::int64_t> counts_of_ours() const { return counts_of(true); }

 private:
  struct Place {
    std::string turn;
    int partition = 0;
    bool in_hand = false;
  };
  std::optional<Place> place_of(const std::string& key) const;
  void place(const std::string& key, const Place& place, std::optional<Instant> due);
  void find_first(const std::string& turn);
  void find_all_first();
  void count(const Deferral& deferral, int by);
  std::map<Count, std::int64_t> counts_of(bool ours) const;

  view::Database database_;
  std::unique_ptr<view::Statement> insert_, erase_, find_, place_of_, place_, first_;

  using First = std::pair<Instant, std::string>;
  std::map<std::string, First> due_;  // of each turn, the first of our partitions that is not in hand
  std::map<std::pair<TenantId, CrmAccount>, std::int64_t> blocked_;     // how many
  std::map<std::tuple<std::string, Kind, int>, std::int64_t> counted_;  // by stage, kind and partition
  std::set<int> ours_;
  std::string last_turn_;
};

}  // namespace aftercall::control
