#include "turns.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace aftercall::crm::pipedrive {
namespace {

// Four use up ten searches in two seconds while an answer takes no longer than 0.8 s. With fewer a slow CRM
// would leave turns unused, with more there are more looks that are half done when their time is up.
constexpr std::size_t at_once = 4;

}  // namespace

Turns::Place Turns::come(Moment deadline, std::size_t searches) {
  const Place place{deadline, ++came_};
  if (searches > 0) looks_.emplace(place, Look{searches});
  let_in();
  return place;
}

void Turns::let_in() {
  for (auto& [place, look] : looks_) {
    if (searching_ >= at_once) return;
    if (std::exchange(look.searching, true)) continue;
    ++searching_;
  }
}

bool Turns::may_search(const Place& place) const {
  const auto found = looks_.find(place);
  return found == looks_.end() || found->second.searching;
}

std::optional<Failure> Turns::too_late(const Place& place, const Pace& pace, Moment now) const {
  const auto found = looks_.find(place);
  if (found == looks_.end()) return std::nullopt;
  const auto& look = found->second;
  const auto before = look.searching ? 0 : searches_before(place, false);
  const auto own = pace.foresee_search(before, now).time;
  const bool goes_now = look.searching && !look.begun && own.count() == 0;
  if (goes_now || now + own + an_answer < place.deadline) return std::nullopt;
  const auto wait = pace.foresee_search(searches_before(place, true), now);
  return Failure{Cause::RateLimited, std::string(wait.why), wait.time};
}

Turns::Moment Turns::last_moment(const Place& place) { return place.deadline - an_answer; }

void Turns::left(const Place& place, std::size_t searches) {
  const auto found = looks_.find(place);
  if (found == looks_.end()) return;
  found->second.left = searches;
  found->second.begun = true;
  if (searches > 0) return;
  if (found->second.searching) --searching_;
  looks_.erase(found);
  let_in();
}

// Until a look in this place may begin, or behind all others: those who search take it in turns, and who is
// done makes room for the next.
std::size_t Turns::searches_before(const Place& place, bool as_the_last) const {
  std::vector<std::size_t> searching;
  std::vector<std::size_t> waiting;
  for (const auto& [other, look] : looks_) {
    if (other == place) continue;
    if (look.searching)
      searching.push_back(look.left);
    else if (as_the_last || other < place)
      waiting.push_back(look.left);
  }
  std::size_t before = 0;
  for (auto next = waiting.begin();;) {
    for (; searching.size() < at_once && next != waiting.end(); ++next) searching.push_back(*next);
    if (searching.size() < at_once) return before;
    const auto least = *std::min_element(searching.begin(), searching.end());
    before += least * searching.size();
    for (auto& each : searching) each -= least;
    std::erase(searching, 0);
  }
}

}  // namespace aftercall::crm::pipedrive
