#include "bus/committer.hpp"

#include <algorithm>
#include <utility>

namespace aftercall::bus {
namespace {

// The work that a killed process had finished and another one does again is at most this long; ten requests a
// second are nothing for a broker.
constexpr std::chrono::milliseconds between_commits{100};

}  // namespace

void Committer::want(const Offsets& offsets) {
  for (const auto& [partition, offset] : offsets) {
    const auto done = committed_.find(partition);
    if (done != committed_.end() && done->second >= offset) continue;
    const auto [wanted, is_new] = wanted_.try_emplace(partition, offset);
    if (!is_new) wanted->second = std::max(wanted->second, offset);
  }
}

std::optional<Offsets> Committer::next(Deadline now) {
  if (on_its_way_ || wanted_.empty() || now < not_before_) return std::nullopt;
  on_its_way_ = true;
  not_before_ = now + between_commits;
  return wanted_;
}

void Committer::answered(const Offsets& sent, bool was_accepted, bool may_pass) {
  on_its_way_ = false;
  if (std::exchange(outdated_, false)) return;
  if (was_accepted) return accepted(sent);
  if (!may_pass) wanted_.clear();
}

void Committer::accepted(const Offsets& offsets) {
  for (const auto& [partition, offset] : offsets) {
    auto& highest = committed_.try_emplace(partition, offset).first->second;
    highest = std::max(highest, offset);
  }
  std::erase_if(wanted_, [this](const auto& wanted) {
    const auto done = committed_.find(wanted.first);
    return done != committed_.end() && done->second >= wanted.second;
  });
}

void Committer::forget() {
  wanted_.clear();
  committed_.clear();
  outdated_ = on_its_way_;
}

}  // namespace aftercall::bus
