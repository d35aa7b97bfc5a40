#include "control/deferred/deferrals.hpp"

#include <limits>
#include <stdexcept>
#include <vector>

namespace aftercall::control {
namespace {

// `due` and `not_before`: `never` stands for nothing. `listed`: due at some time, not in hand, and ours.
constexpr std::string_view schema = R"(
CREATE TABLE deferral(key BLOB NOT NULL UNIQUE, turn BLOB NOT NULL, due INTEGER NOT NULL, in_hand INTEGER NOT NULL,
  listed INTEGER NOT NULL, topic BLOB NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  tenant BLOB NOT NULL, unit BLOB NOT NULL, session BLOB NOT NULL, stage BLOB NOT NULL, kind INTEGER NOT NULL,
  cause BLOB NOT NULL, detail BLOB NOT NULL, deferred_at INTEGER NOT NULL, first_deferred INTEGER NOT NULL,
  not_before INTEGER NOT NULL, attempt INTEGER NOT NULL, tries INTEGER NOT NULL, origin_topic BLOB NOT NULL,
  origin_partition INTEGER NOT NULL, origin_offset INTEGER NOT NULL, wanted_by BLOB NOT NULL,
  discarded INTEGER NOT NULL);
CREATE INDEX deferral_listed ON deferral(turn, due, key) WHERE listed = 1;
CREATE INDEX deferral_kind ON deferral(kind);
)";

constexpr std::string_view columns =
    "key, topic, partition, offset, tenant, unit, session, stage, kind, cause, detail, deferred_at, "
    "first_deferred, not_before, attempt, tries, origin_topic, origin_partition, origin_offset, wanted_by, "
    "discarded, due";

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

std::int64_t stored(const std::optional<Instant>& at) { return at ? milliseconds_of(*at) : never; }
std::optional<Instant> read(std::int64_t at) {
  return at == never ? std::nullopt : std::optional(instant_of(at));
}

std::string select(std::string_view rest) {
  return "SELECT " + std::string(columns) + " FROM deferral " + std::string(rest);
}

Deferral deferral_of(const view::Statement& row) {
  Deferral deferral;
  deferral.key = row.text(0);
  deferral.at = {row.text(1), static_cast<int>(row.number(2)), row.number(3)};
  deferral.tenant = TenantId(row.text(4));
  deferral.unit = CrmAccount(row.text(5));
  deferral.session = row.text(6);
  deferral.stage = row.text(7);
  deferral.kind = static_cast<Kind>(row.number(8));
  deferral.cause = row.text(9);
  deferral.detail = row.text(10);
  deferral.deferred_at = instant_of(row.number(11));
  deferral.first_deferred = instant_of(row.number(12));
  deferral.not_before = read(row.number(13));
  deferral.attempt = static_cast<int>(row.number(14));
  deferral.tries = static_cast<int>(row.number(15));
  deferral.origin = {row.text(16), static_cast<int>(row.number(17)), row.number(18)};
  deferral.wanted_by = row.text(19);
  deferral.discarded = row.number(20) != 0;
  return deferral;
}

view::Database open(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!file.empty())
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + end, ignored);
  auto database = view::Database::open(file, schema);
  if (!database && kind_of(database.error().cause) == Kind::Transient)
    throw view::DiskTrouble(database.error());
  if (!database) throw std::runtime_error(database.error().detail);
  return std::move(*database);
}

}  // namespace

Deferrals::Deferrals(const std::filesystem::path& file)
    : database_(open(file)),
      insert_(database_.prepare("INSERT INTO deferral VALUES(?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                                "?11, ?12, ?13, ?14, ?15, ?16, "
                                "?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)")),
      erase_(database_.prepare("DELETE FROM deferral WHERE key = ?1")),
      find_(database_.prepare(select("WHERE key = ?1"))),
      place_of_(database_.prepare("SELECT turn, partition, in_hand FROM deferral WHERE key = ?1")),
      place_(database_.prepare("UPDATE deferral SET in_hand = ?2, due = ?3, listed = ?4 WHERE key = ?1")),
      first_(database_.prepare(
          "SELECT due, key FROM deferral WHERE listed = 1 AND turn = ?1 ORDER BY due, key LIMIT 1")) {}

void Deferrals::count(const Deferral& deferral, int by) {
  const auto change = [by](auto& counts, auto key) {
    const auto at = counts.try_emplace(std::move(key), 0).first;
    if ((at->second += by) == 0) counts.erase(at);
  };
  change(counted_, std::tuple(deferral.stage, deferral.kind, deferral.at.partition));
  if (deferral.kind == Kind::Blocked) change(blocked_, std::pair(deferral.tenant, deferral.unit));
}

void Deferrals::insert(Deferral deferral, std::optional<Instant> due) {
  erase(deferral.key);
  const std::string turn = deferral.turn();
  const bool listed = due && ours_.contains(deferral.at.partition);
  insert_->bind(1, deferral.key).bind(2, turn).bind(3, stored(due)).bind(4, std::int64_t{listed});
  insert_->bind(5, deferral.at.topic)
      .bind(6, std::int64_t{deferral.at.partition})
      .bind(7, deferral.at.offset);
  insert_->bind(8, deferral.tenant.str()).bind(9, deferral.unit.str()).bind(10, deferral.session);
  insert_->bind(11, deferral.stage).bind(12, static_cast<std::int64_t>(deferral.kind));
  insert_->bind(13, deferral.cause).bind(14, deferral.detail).bind(15, milliseconds_of(deferral.deferred_at));
  insert_->bind(16, milliseconds_of(deferral.first_deferred)).bind(17, stored(deferral.not_before));
  insert_->bind(18, std::int64_t{deferral.attempt}).bind(19, std::int64_t{deferral.tries});
  insert_->bind(20, deferral.origin.topic).bind(21, std::int64_t{deferral.origin.partition});
  insert_->bind(22, deferral.origin.offset).bind(23, deferral.wanted_by);
  insert_->bind(24, std::int64_t{deferral.discarded}).run();
  count(deferral, 1);
  if (!listed) return;
  const First mine{*due, deferral.key};
  const auto first = due_.try_emplace(turn, mine).first;
  first->second = std::min(first->second, mine);
}

void Deferrals::erase(const std::string& key) {
  const auto gone = find(key);
  if (!gone) return;
  erase_->bind(1, key).run();
  count(*gone, -1);
  const std::string turn = gone->turn();
  const auto first = due_.find(turn);
  if (first != due_.end() && first->second.second == key) find_first(turn);
}

void Deferrals::find_first(const std::string& turn) {
  first_->bind(1, turn);
  if (first_->step())
    due_[turn] = {instant_of(first_->number(0)), first_->text(1)};
  else
    due_.erase(turn);
  first_->reset();
}

void Deferrals::find_all_first() {
  due_.clear();
  const auto rows =
      database_.prepare("SELECT turn, due, key FROM deferral WHERE listed = 1 ORDER BY turn, due, key");
  while (rows->step()) due_.try_emplace(rows->text(0), First{instant_of(rows->number(1)), rows->text(2)});
}

void Deferrals::own(std::set<int> partitions) {
  ours_ = std::move(partitions);
  std::string ours;
  for (const int each : ours_) ours += (ours.empty() ? "" : ", ") + std::to_string(each);
  database_.run("UPDATE deferral SET listed = (in_hand = 0 AND due <> " + std::to_string(never) +
                " AND partition IN (" + ours + "));");
  find_all_first();
}

void Deferrals::reconsider(const std::function<std::optional<Instant>(const Deferral&)>& due_of) {
  std::vector<std::pair<std::string, std::optional<Instant>>> others;
  const auto rows = database_.prepare(select("WHERE kind = ?1 AND in_hand = 0"));
  rows->bind(1, static_cast<std::int64_t>(Kind::Blocked));
  while (rows->step()) {
    Deferral deferral = deferral_of(*rows);
    const auto due = due_of(deferral);
    if (due != read(rows->number(21))) others.emplace_back(std::move(deferral.key), due);
  }
  rows->reset();
  if (others.empty()) return;
  database_.transaction([&] {
    for (const auto& [key, due] : others)
      if (const auto where = place_of(key)) place(key, *where, due);
  });
  find_all_first();
}

std::optional<Deferrals::Place> Deferrals::place_of(const std::string& key) const {
  std::optional<Place> found;
  place_of_->bind(1, key);
  if (place_of_->step())
    found = Place{place_of_->text(0), static_cast<int>(place_of_->number(1)), place_of_->number(2) != 0};
  place_of_->reset();
  return found;
}

void Deferrals::place(const std::string& key, const Place& place, std::optional<Instant> due) {
  const bool listed = due && !place.in_hand && ours_.contains(place.partition);
  place_->bind(1, key)
      .bind(2, std::int64_t{place.in_hand})
      .bind(3, stored(due))
      .bind(4, std::int64_t{listed});
  place_->run();
}

std::optional<Deferral> Deferrals::next(Instant now, const MayHaveMore& may) {
  auto turn = due_.upper_bound(last_turn_);
  for (std::size_t i = 0; i < due_.size(); ++i, ++turn) {
    if (turn == due_.end()) turn = due_.begin();
    const auto [due, key] = turn->second;
    if (due > now) continue;
    auto first = find(key);
    if (!first || !may(*first)) continue;
    last_turn_ = turn->first;
    place(key, {last_turn_, first->at.partition, true}, due);
    find_first(last_turn_);
    return first;
  }
  return std::nullopt;
}

void Deferrals::put_back(const std::string& key, std::optional<Instant> due) {
  auto where = place_of(key);
  if (!where || !where->in_hand) return;
  where->in_hand = false;
  place(key, *where, due);
  find_first(where->turn);
}

std::set<std::pair<TenantId, CrmAccount>> Deferrals::blocked() const {
  std::set<std::pair<TenantId, CrmAccount>> accounts;
  for (const auto& [account, count] : blocked_) accounts.insert(account);
  return accounts;
}

std::optional<Deferral> Deferrals::find(const std::string& key) const {
  std::optional<Deferral> found;
  find_->bind(1, key);
  if (find_->step()) found = deferral_of(*find_);
  find_->reset();
  return found;
}

bool Deferrals::contains(const std::string& key) const { return place_of(key).has_value(); }

bool Deferrals::waits(const std::string& key) const {
  const auto place = place_of(key);
  return place && !place->in_hand;
}

std::int64_t Deferrals::size() const {
  std::int64_t all = 0;
  for (const auto& [what, count] : counted_) all += count;
  return all;
}

void Deferrals::each(const std::string& after, const std::function<bool(const Deferral&)>& look) const {
  const auto rows = database_.prepare(select("WHERE key > ?1 ORDER BY key"));
  rows->bind(1, after);
  while (rows->step())
    if (!look(deferral_of(*rows))) break;
}

std::map<Deferrals::Count, std::int64_t> Deferrals::counts_of(bool ours) const {
  std::map<Count, std::int64_t> counts;
  for (const auto& [what, count] : counted_) {
    const auto& [stage, kind, partition] = what;
    if (!ours || ours_.contains(partition)) counts[{stage, kind}] += count;
  }
  return counts;
}

}  // namespace aftercall::control
