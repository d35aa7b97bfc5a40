#include "stage/lanes.hpp"

#include <algorithm>

namespace aftercall::stage {
namespace {

using namespace std::chrono_literals;

// A lane moves if at its pace all that waits in it is gone by then: 51 units a second when it is full.
constexpr std::chrono::milliseconds worked_off_within = 10s;
// A pace is told after so long, and the events of other lanes that lie behind may have to wait for that once.
// A CRM that keeps 32 slots at twice that pace answers within 0.3 s.
constexpr std::chrono::milliseconds look = 400ms;

}  // namespace

bool Lanes::full(const Lane& lane, std::size_t bytes) const {
  if (lane.waiting.empty()) return false;  // one unit always fits, however large
  return lane.waiting.size() >= bounds_.units || lane.bytes + bytes > bounds_.bytes;
}

Lanes::Room Lanes::room(const std::string& name, std::size_t bytes, Moment now) {
  const auto found = lanes_.find(name);
  if (found == lanes_.end()) return Room::Yes;
  Lane& lane = found->second;
  if (lane.rest_until > now + bounds_.patience) return Room::No;
  if (!full(lane, bytes)) return Room::Yes;
  const bool resting = lane.rest_until > now;
  return !resting && moves(lane, now) ? Room::Soon : Room::No;
}

// A look that was forgotten (the stage was halted, or nothing came) tells nothing: it begins anew.
bool Lanes::moves(Lane& lane, Moment now) const {
  now -= std::chrono::duration_cast<Moment::duration>(overslept_);
  if (!lane.pace) lane.pace = Pace{now};
  Pace& pace = *lane.pace;
  const auto looked = now - pace.since;
  if (looked < look) return pace.enough;
  if (looked < 2 * look) pace.enough = pace.left * worked_off_within >= lane.waiting.size() * looked;
  pace.since = now;
  pace.left = 0;
  return pace.enough;
}

std::optional<Moment> Lanes::rests_until(const std::string& name, Moment now) const {
  const auto found = lanes_.find(name);
  if (found == lanes_.end() || found->second.rest_until <= now) return std::nullopt;
  return found->second.rest_until;
}

void Lanes::push(Ticketed unit, Moment now) {
  now_ = now;
  auto& named = *lanes_.try_emplace(unit.lane).first;
  Lane& lane = named.second;
  if (lane.slots == 0) lane.slots = bounds_.slots;
  const auto ticket = unit.ticket;
  const Place& place = places_[ticket] = Place{std::move(unit), now};
  Order& order = lane.orders[place.unit.order];
  order.waiting.push_back(ticket);
  if (order.waiting.size() == 1 && !order.busy) lane.ready.push_back(place.unit.order);
  wait(lane, place);
  take_turns(named);
}

void Lanes::wait(Lane& lane, const Place& place) {
  lane.waiting.emplace(place.since, place.unit.ticket);
  lane.bytes += place.unit.bytes;
  ++waiting_;
}

void Lanes::unwait(Lane& lane, const Place& place) {
  lane.waiting.erase({place.since, place.unit.ticket});
  lane.bytes -= place.unit.bytes;
  --waiting_;
  if (lane.waiting.empty()) lane.pace.reset();
}

void Lanes::take_turns(Named& lane) {
  if (std::exchange(lane.second.in_turn, true)) return;
  turns_.push_back(&lane);
}

std::optional<Ticket> Lanes::next(Moment now) {
  now_ = now;
  for (auto left = turns_.size(); left > 0; --left) {
    Named& named = *turns_.front();
    turns_.pop_front();
    if (named.second.waiting.empty()) {
      named.second.in_turn = false;
      forget_if_idle(std::string(named.first));
      continue;
    }
    turns_.push_back(&named);
    if (const auto ticket = next_in(named.second, now)) return ticket;
  }
  return std::nullopt;
}

std::optional<Ticket> Lanes::next_in(Lane& lane, Moment now) {
  if (lane.running >= lane.slots || lane.rest_until > now) return std::nullopt;
  while (!lane.later.empty() && lane.later.begin()->first <= now) {
    lane.ready.push_back(std::move(lane.later.begin()->second));
    lane.later.erase(lane.later.begin());
  }
  while (!lane.ready.empty()) {
    const auto found = lane.orders.find(lane.ready.front());
    lane.ready.pop_front();
    if (found == lane.orders.end()) continue;
    Order& order = found->second;
    if (order.busy || order.waiting.empty() || order.not_before > now) continue;
    const Ticket ticket = order.waiting.front();
    order.waiting.pop_front();
    order.busy = true;
    Place& place = places_.at(ticket);
    unwait(lane, place);
    place.state = Place::State::Running;
    ++lane.running;
    ++running_;
    return ticket;
  }
  return std::nullopt;
}

void Lanes::ended(Ticket ticket, Answer answer) {
  const auto found = places_.find(ticket);
  if (found == places_.end() || found->second.state != Place::State::Running) return;
  found->second.state = Place::State::Ended;
  Lane& lane = lanes_.at(found->second.unit.lane);
  --lane.running;
  --running_;
  if (lane.pace) ++lane.pace->left;
  if (answer == Answer::Came) lane.slots = std::min(lane.slots + 1, bounds_.slots);
  if (answer == Answer::Missing) lane.slots = std::max<std::size_t>(lane.slots / 2, 1);
}

void Lanes::finished(Ticket ticket) {
  ended(ticket, Answer::Came);
  const auto found = places_.find(ticket);
  if (found == places_.end()) return;
  const Place place = std::move(found->second);
  places_.erase(found);
  Lane& lane = lanes_.at(place.unit.lane);
  Order& order = lane.orders.at(place.unit.order);
  if (place.state == Place::State::Waiting) {
    unwait(lane, place);
    std::erase(order.waiting, ticket);
  } else {
    order.busy = false;
    order.not_before = {};
  }
  if (order.waiting.empty() && !order.busy)
    lane.orders.erase(place.unit.order);
  else if (!order.busy)
    lane.ready.push_back(place.unit.order);
  forget_if_idle(place.unit.lane);
}

void Lanes::again(Ticket ticket, Moment at) {
  const auto found = places_.find(ticket);
  if (found == places_.end() || found->second.state != Place::State::Ended) return;
  Place& place = found->second;
  place.state = Place::State::Waiting;
  auto& named = *lanes_.find(place.unit.lane);
  Lane& lane = named.second;
  Order& order = lane.orders.at(place.unit.order);
  if (lane.pace && lane.pace->left > 0) --lane.pace->left;  // it is back
  order.busy = false;
  order.not_before = at;
  order.waiting.push_front(ticket);
  lane.later.emplace(at, place.unit.order);
  wait(lane, place);
  take_turns(named);
}

void Lanes::rest(const std::string& name, Moment until) {
  Lane& lane = lanes_[name];
  if (lane.slots == 0) lane.slots = bounds_.slots;
  lane.rest_until = std::max(lane.rest_until, until);
}

std::vector<Ticket> Lanes::spill(const std::string& name) {
  const auto found = lanes_.find(name);
  if (found == lanes_.end()) return {};
  std::vector<Ticket> tickets;
  for (const auto& [since, ticket] : found->second.waiting) tickets.push_back(ticket);
  for (const auto ticket : tickets) finished(ticket);
  return tickets;
}

std::optional<std::string> Lanes::stuck(Moment now) {
  const Named* most = nullptr;
  for (Named* named : turns_) {
    const auto& waiting = named->second.waiting;
    if (waiting.empty() || moves(named->second, now)) continue;
    if (most == nullptr || waiting.size() > most->second.waiting.size()) most = named;
  }
  if (most == nullptr) return std::nullopt;
  return most->first;
}

std::optional<Moment> Lanes::next_due(Moment now) const {
  std::optional<Moment> due;
  for (const Named* named : turns_) {
    const Lane& lane = named->second;
    if (lane.waiting.empty()) continue;
    auto at = lane.rest_until;
    if (!lane.later.empty()) at = std::max(at, lane.later.begin()->first);
    if (at > now && (!due || at < *due)) due = at;
  }
  return due;
}

// A lane that nobody uses any more is forgotten, but not its rest and not that its CRM did not answer.
void Lanes::forget_if_idle(const std::string& name) {
  const auto found = lanes_.find(name);
  if (found == lanes_.end()) return;
  const Lane& lane = found->second;
  const bool idle = lane.orders.empty() && !lane.in_turn && lane.running == 0;
  if (idle && lane.rest_until <= now_ && lane.slots == bounds_.slots) lanes_.erase(found);
}

}  // namespace aftercall::stage
