#include "control/deferred/deferrals.hpp"

#include <algorithm>

namespace aftercall::control {

bool Deferrals::is_listed(const Entry& entry) const {
  return entry.due && !entry.in_hand && ours_.contains(entry.deferral.at.partition);
}

void Deferrals::list(const Entry& entry) {
  if (is_listed(entry)) due_[entry.deferral.turn()].emplace(*entry.due, entry.deferral.key);
}

void Deferrals::unlist(const Entry& entry) {
  if (!is_listed(entry)) return;
  const auto turn = due_.find(entry.deferral.turn());
  turn->second.erase({*entry.due, entry.deferral.key});
  if (turn->second.empty()) due_.erase(turn);
}

void Deferrals::insert(Deferral deferral, std::optional<Instant> due) {
  erase(deferral.key);
  auto key = deferral.key;
  if (deferral.kind == Kind::Blocked) ++blocked_[{deferral.tenant, deferral.unit}];
  list(entries_.emplace(std::move(key), Entry{std::move(deferral), due}).first->second);
}

void Deferrals::erase(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  unlist(found->second);
  const Deferral& gone = found->second.deferral;
  const auto blocked = blocked_.find({gone.tenant, gone.unit});
  if (gone.kind == Kind::Blocked && --blocked->second == 0) blocked_.erase(blocked);
  entries_.erase(found);
}

std::set<std::pair<TenantId, CrmAccount>> Deferrals::blocked() const {
  std::set<std::pair<TenantId, CrmAccount>> accounts;
  for (const auto& [account, count] : blocked_) accounts.insert(account);
  return accounts;
}

void Deferrals::own(std::set<int> partitions) {
  ours_ = std::move(partitions);
  due_.clear();
  for (const auto& [key, entry] : entries_) list(entry);
}

void Deferrals::reconsider(const std::function<std::optional<Instant>(const Deferral&)>& due_of) {
  for (auto& [key, entry] : entries_) {
    if (entry.in_hand) continue;
    unlist(entry);
    entry.due = due_of(entry.deferral);
    list(entry);
  }
}

std::optional<Deferral> Deferrals::next(Instant now, const MayHaveMore& may) {
  auto turn = due_.upper_bound(last_turn_);
  for (std::size_t i = 0; i < due_.size(); ++i, ++turn) {
    if (turn == due_.end()) turn = due_.begin();
    const auto& [due, key] = *turn->second.begin();
    Entry& entry = entries_.at(key);
    if (due > now || !may(entry.deferral)) continue;
    last_turn_ = turn->first;
    unlist(entry);
    entry.in_hand = true;
    return entry.deferral;
  }
  return std::nullopt;
}

void Deferrals::put_back(const std::string& key, std::optional<Instant> due) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.in_hand) return;
  found->second.in_hand = false;
  found->second.due = due;
  list(found->second);
}

const Deferral* Deferrals::find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.deferral;
}

std::map<Deferrals::Count, std::int64_t> Deferrals::counts_of(bool ours) const {
  std::map<Count, std::int64_t> counts;
  for (const auto& [key, entry] : entries_)
    if (!ours || ours_.contains(entry.deferral.at.partition))
      ++counts[{entry.deferral.stage, entry.deferral.kind}];
  return counts;
}

}  // namespace aftercall::control
