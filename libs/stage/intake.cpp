#include <algorithm>

#include "stage/runner.hpp"
#include "wire/keys.hpp"

namespace aftercall::stage {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t records_at_once = 256;  // then the loop lets the steps go on
// An event is held as it came, as its stage has read it, as the request that is made of it, in more than one
// form while it is on its way, and as what follows from it until that is acked.
constexpr std::size_t copies = 6;
constexpr auto full_lane_waits = 30s;  // elsewhere, and half as long again by chance

// The name under which a record is in hand while it is being split; no CRM account is called so.
constexpr const char* splitting = "(split)";

SessionKey session_of(const Event& event) {
  auto parts = wire::split_key(event.record.key).value_or(std::vector<std::string>{});
  if (parts.size() != 3) return {event.envelope.tenant, {}, {}};
  return {event.envelope.tenant, SourceId(std::move(parts[1])), SessionId(std::move(parts[2]))};
}

// Whatever its ce_id says: what cannot be parsed may be anything, and two such records are two. The rest of a
// readable envelope stays, since a released copy is known by its attempt and unit, and waits no new month.
void know_by_place(Event& event) {
  auto placed = unreadable(event.record);
  if (event.envelope.id.empty())
    event.envelope = std::move(placed);
  else
    event.envelope.id = std::move(placed.id);
}

std::size_t size_of(const Record& record) {
  std::size_t size = record.key.size() + (record.value ? record.value->size() : 0);
  for (const auto& [name, value] : record.headers) size += name.size() + value.size();
  return size;
}

}  // namespace

void Runner::intake() {
  std::vector<std::shared_ptr<Partition>> turns;
  for (const auto& [number, partition] : partitions_)
    if (partition->open) turns.push_back(partition);
  const auto next =
      std::find_if(turns.begin(), turns.end(), [&](const auto& each) { return each->number > last_taken_; });
  std::rotate(turns.begin(), next, turns.end());
  std::size_t taken = 0;
  for (std::size_t before = 0; taken < records_at_once; before = taken) {
    bool held = false;
    for (const auto& partition : turns) {
      const Taken what = take_from(partition);
      if (what == Taken::Full) return;
      if (what == Taken::One) ++taken;
      held = held || what == Taken::Held;
    }
    all_taken_ = !held;
    if (taken == before) return;
  }
  all_taken_ = false;
  ring();
}

Runner::Taken Runner::take_from(const std::shared_ptr<Partition>& partition) {
  if (!place_arrived(*partition)) return Taken::Held;
  if (!has_room()) {
    all_taken_ = false;
    return Taken::Full;
  }
  if (partition->tracker.window() >= settings_.bounds.window) {
    spill_oldest(*partition);
    return Taken::Held;
  }
  auto record = consumer_->take(partition->number);
  if (!record) return Taken::None;
  last_taken_ = partition->number;
  receive(partition, std::move(*record));
  return Taken::One;
}

// When the process is full, a lane that does not move must not keep the others' events out.
bool Runner::has_room() {
  if (visits_.size() < settings_.bounds.units && bytes_ < settings_.bounds.bytes) return true;
  suspects_until_.reset();
  note_lateness();
  if (const auto lane = lanes_.stuck(clock_.now())) spill(*lane);
  return false;
}

void Runner::receive(const std::shared_ptr<Partition>& partition, Record record) {
  const auto offset = record.at.offset;
  const auto published = record.time;
  std::erase_if(partition->suspects, [offset](const Handle& each) { return each.offset < offset; });
  auto event = std::make_shared<Event>();
  event->record = std::move(record);
  auto units = split(*event);
  if (!units) {
    if (kind_of(units.error().cause) == Kind::Permanent) know_by_place(*event);
    Unit whole;
    whole.account = CrmAccount(event->envelope.unit);  // a released copy stays one of this unit
    whole.session = session_of(*event);
    whole.revision.accepted_at = event->envelope.time;
    partition->tracker.received(offset, 1, published);
    const auto visit = add(partition, std::move(event), std::move(whole));
    conclude_unrun(visit, std::move(units.error()));
    return;
  }
  partition->tracker.received(offset, units->size(), published);
  for (auto& unit : *units) partition->arrived.push_back(add(partition, event, std::move(unit)));
}

// The event's units; a failure is the event's as a whole.
Result<std::vector<Unit>> Runner::split(Event& event) {
  auto envelope = wire::envelope_of(event.record.headers);
  if (!envelope) return tl::unexpected(envelope.error());
  event.envelope = std::move(*envelope);
  if (!event.record.value) return fail(Cause::Malformed, "the record has no value");
  const Handle handle{event.record.at.partition, event.record.at.offset, splitting};
  const auto trust = guard_->trust(handle);
  if (trust == InHand::Trust::None) return fail(Cause::Crashed, "crashed the stage while it was read");
  guard_->take(handle, trust == InHand::Trust::Alone);  // nothing runs beside it anyway
  auto units = steps_.split(event.record, event.envelope);
  guard_->done(handle);
  if (!units) return units;
  const bool mixed = std::any_of(units->begin(), units->end(), [&](const Unit& unit) {
    return unit.session.tenant != event.envelope.tenant;
  });
  if (mixed) return fail(Cause::Malformed, "header ac-tenant and the event name different tenants");
  if (units->empty()) return fail(Cause::Malformed, "the event has no unit");
  if (event.envelope.unit.empty()) return units;
  std::erase_if(*units, [&](const Unit& unit) { return unit.account.str() != event.envelope.unit; });
  if (units->empty())
    return fail(Cause::SetupIncomplete,
                "the tenant has no connection to " + event.envelope.unit + " any more; connect it again");
  return units;
}

VisitPtr Runner::add(const std::shared_ptr<Partition>& partition, std::shared_ptr<const Event> event,
                     Unit unit) {
  auto visit = std::make_shared<Visit>();
  visit->ticket = ++last_ticket_;
  visit->partition = partition;
  visit->lane = wire::join_key({event->envelope.tenant.str(), unit.account.str()});
  visit->order = event->record.key + '\n' + unit.account.str();
  visit->bytes = copies * size_of(event->record);
  visit->event = std::move(event);
  visit->unit = std::move(unit);
  bytes_ += visit->bytes;
  visits_[visit->ticket] = visit;
  return visit;
}

void Runner::remove(const VisitPtr& visit) {
  lanes_.finished(visit->ticket);
  if (visits_.erase(visit->ticket) > 0) bytes_ -= visit->bytes;
}

bool Runner::place_arrived(Partition& partition) {
  while (!partition.arrived.empty()) {
    if (!place(partition.arrived.front())) return false;
    partition.arrived.pop_front();
  }
  return true;
}

// False: its lane is full but moves, so it waits where it is, and its partition with it.
bool Runner::place(const VisitPtr& visit) {
  const auto trust = guard_->trust(visit->handle());
  if (trust == InHand::Trust::None) {
    conclude_unrun(visit, {Cause::Crashed, "crashed the stage, alone, more than once; look into its log"});
    return true;
  }
  if (trust == InHand::Trust::Alone) {
    std::erase(visit->partition->suspects, visit->handle());
    visit->alone = true;
    alone_.push_back(visit);
    return true;
  }
  note_lateness();
  const auto room = lanes_.room(visit->lane, visit->bytes, clock_.now());
  if (room == Lanes::Room::No) {
    spill(visit);
    return true;
  }
  // While nothing runs because a suspect is still to come, no lane moves: the process's bounds are enough.
  if (room == Lanes::Room::Soon && !waits_for_suspects()) return false;
  lanes_.push({visit->ticket, visit->lane, visit->order, visit->bytes}, clock_.now());
  return true;
}

void Runner::spill(const std::string& lane) {
  for (const auto ticket : lanes_.spill(lane)) spill(visits_.at(ticket));
}

// So many records after it were done: one account's lane must not hold the partition for all.
void Runner::spill_oldest(const Partition& partition) {
  const auto oldest = std::find_if(visits_.begin(), visits_.end(), [&](const auto& each) {
    return each.second->partition.get() == &partition;
  });
  if (oldest != visits_.end() && !oldest->second->busy) spill(std::string(oldest->second->lane));
}

void Runner::spill(const VisitPtr& visit) {
  const auto rest = lanes_.rests_until(visit->lane, clock_.now());
  std::chrono::duration<double> wait = full_lane_waits * (1.0 + clock_.jitter() / 2);
  Failed held;
  held.failure.detail = "its CRM account has more waiting than we hold in memory";
  if (rest) {
    wait = *rest - clock_.now();
    held.failure.detail = "its CRM account rests";
  }
  const Instant due = now() + std::chrono::ceil<std::chrono::milliseconds>(wait);
  held = with_stands(*visit, std::move(held));
  deliver_soon(visit, departure(*visit, paced(rules(), std::move(held), history(*visit), due, now()), {}));
}

}  // namespace aftercall::stage
